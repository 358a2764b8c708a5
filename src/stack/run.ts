import { execFile } from 'node:child_process';
import type { Account } from './process';

/**
 * Runs a command to its end.
 * @returns its standard output
 * @throws Error that says the command and the last lines of what it printed
 */
export function run(
  command: string,
  args: readonly string[],
  options: { cwd?: string; account?: Account } = {},
): Promise<string> {
  const { cwd, account } = options;
  return new Promise((resolve, reject) => {
    const child = execFile(
      command,
      [...args],
      { cwd, ...account, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else reject(new Error(explain(command, error, `${stdout}\n${stderr}`)));
      },
    );
    child.stdin?.end();
  });
}

function explain(command: string, error: Error & { code?: unknown }, output: string): string {
  if (error.code === 'ENOENT') return `${command} is not installed`;
  const tail = output.trim().split('\n').slice(-6).join(' | ');
  return `${command} failed (${String(error.code ?? 'killed')})${tail === '' ? '' : `: ${tail}`}`;
}
