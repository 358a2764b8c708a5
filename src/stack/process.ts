/**
 * Processes that outlive the one that started them. A process is known by its id together with its
 * start time, because the operating system gives the id of an ended process to another one later.
 */
import { execFileSync, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, renameSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

export interface ProcessIdentity {
  readonly pid: number;
  /** An opaque text, the same for as long as it is the same process. */
  readonly startTime: string;
}

/** The operating system's account that a process runs as. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly account?: Account;
  /** Variables of its environment; one that is set already stays as it is. */
  readonly env?: Readonly<Record<string, string>>;
}

/** The identity of the process that has this id now; undefined where there is none. */
export function identify(pid: number): ProcessIdentity | undefined {
  const startTime = process.platform === 'linux' ? startTimeFromProc(pid) : startTimeFromPs(pid);
  return startTime === undefined ? undefined : { pid, startTime };
}

/** Whether that very process still runs. A zombie has ended. */
export function isRunning(identity: ProcessIdentity): boolean {
  return identify(identity.pid)?.startTime === identity.startTime;
}

/**
 * Starts a process that belongs to no terminal and outlives this one. Its output goes to the log file;
 * the log of the run before is kept beside it as `<log>.previous`.
 */
export async function spawnDetached(command: Command, log: string): Promise<ProcessIdentity> {
  if (existsSync(log)) renameSync(log, `${log}.previous`);
  const output = openSync(log, 'w');
  try {
    const child = spawn(command.file, [...command.args], {
      cwd: command.cwd,
      ...command.account,
      env: { ...command.env, ...process.env },
      detached: true,
      stdio: ['ignore', output, output],
    });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
    child.unref();
    // A process that ended within this instant leaves no start time to read.
    return identify(child.pid!) ?? { pid: child.pid!, startTime: 'ended' };
  } finally {
    closeSync(output);
  }
}

/** Asks the process to end by `signal`, and forces it when it has not ended after `graceMs`. */
export async function endProcess(
  identity: ProcessIdentity,
  signal: NodeJS.Signals,
  graceMs: number,
): Promise<void> {
  send(identity, signal);
  if (!(await endedWithin(identity, graceMs))) await killProcess(identity);
}

/** Ends the process by SIGKILL and waits until it is gone. */
export async function killProcess(identity: ProcessIdentity): Promise<void> {
  send(identity, 'SIGKILL');
  if (!(await endedWithin(identity, 10_000))) {
    throw new Error(`Process ${identity.pid} is still there after SIGKILL.`);
  }
}

function send(identity: ProcessIdentity, signal: NodeJS.Signals): void {
  if (!isRunning(identity)) return;
  try {
    process.kill(identity.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function endedWithin(identity: ProcessIdentity, ms: number): Promise<boolean> {
  const deadline = Date.now() + ms;
  while (isRunning(identity)) {
    if (Date.now() > deadline) return false;
    await delay(20);
  }
  return true;
}

/** proc(5): the fields after the command's closing bracket; state is the 3rd, the start time the 22nd of all. */
function startTimeFromProc(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
    return `${boot} ${fields[19]}`;
  } catch {
    return undefined;
  }
}

function startTimeFromPs(pid: number): string | undefined {
  try {
    const line = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
    const [state = '', ...started] = line.split(/\s+/);
    return state === '' || state.startsWith('Z') ? undefined : started.join(' ');
  } catch {
    return undefined;
  }
}
