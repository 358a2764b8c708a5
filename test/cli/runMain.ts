/** Runs a command line in this process, with its environment and both its streams in the test's hands. */
import { main } from '../../src/cli/main';

export interface Ran {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What the command line under way has written to standard output so far. */
export let stdoutSoFar = '';

export async function runMain(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ran> {
  const written = { stdout: '', stderr: '' };
  stdoutSoFar = '';
  const spies = (['stdout', 'stderr'] as const).map(name =>
    jest.spyOn(process[name], 'write').mockImplementation((chunk, ...rest) => {
      written[name] += String(chunk);
      stdoutSoFar = written.stdout;
      const onWritten: unknown = rest.at(-1);
      if (typeof onWritten === 'function') onWritten();
      return true;
    }),
  );
  const before = { ...process.env };
  Object.assign(process.env, env);
  try {
    return { exitCode: await main(args), ...written };
  } finally {
    process.env = before;
    for (const spy of spies) spy.mockRestore();
  }
}

/** The objects of a stream of JSON lines. */
export const jsonLines = (text: string): unknown[] =>
  text
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line));
