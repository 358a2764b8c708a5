/** What Linux knows of a process, from /proc (proc(5)). */
import { readdirSync, readFileSync } from 'node:fs';

/** Linux counts a process's time in hundredths of a second (USER_HZ) whatever the kernel's own clock. */
const msPerTick = 10;

/**
 * CPU time that a process and its children have used since they began, in milliseconds. Threads count
 * with their process, and children that have ended count with their parent.
 * @throws Error where the process itself has ended
 */
export function cpuMs(pid: number): number {
  const own = stat(pid);
  return children(pid).reduce(
    (sum, child) => sum + (unlessEnded(() => cpuMs(child)) ?? 0),
    own.usedMs + own.endedMs,
  );
}

/** Memory of a process that is in RAM now, in MiB. */
export function rssMiB(pid: number): number {
  const line = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(line?.[1]) / 1024;
}

function children(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap(thread => {
    const list = unlessEnded(() => readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8'));
    return (list ?? '').split(' ').filter(Boolean).map(Number);
  });
}

/** The fields after the command's closing bracket; state is the 3rd of all, utime to cstime are 14 to 17. */
function stat(pid: number): { usedMs: number; endedMs: number } {
  const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const ticks = (field: number) => Number(fields[field - 3]);
  return {
    usedMs: (ticks(14) + ticks(15)) * msPerTick,
    endedMs: (ticks(16) + ticks(17)) * msPerTick,
  };
}

/** A child or a thread may end between being listed and being read; its parent has its time then. */
function unlessEnded<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return undefined;
    throw thrown;
  }
}
