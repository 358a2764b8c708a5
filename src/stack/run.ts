import { execFile } from 'node:child_process';
import { stripVTControlCharacters } from 'node:util';
import type { Account } from './process';

/**
 * Runs a command to its end.
 * @returns its standard output
 * @throws Error that says the command and the gist of what it printed
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
  const said = gist(output);
  return `${command} failed (${String(error.code ?? 'killed')})${said === '' ? '' : `: ${said}`}`;
}

/** Some programs say first what is wrong, some last. */
function gist(output: string): string {
  const lines = stripVTControlCharacters(output)
    .split('\n')
    .map(line => line.trim())
    .filter(line => /[a-z]/.test(line));
  const kept = lines.length <= 5 ? lines : [...lines.slice(0, 2), '...', ...lines.slice(-3)];
  return kept.join(' | ');
}
