/** Standard output belongs to what a command answers; everything else goes to standard error. */
import { interruptWork } from './interrupt';

/** Lines of a command's answer. */
export const print = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

/** One line of JSON, for scripts. */
export const printJson = (value: unknown): void => print(JSON.stringify(value));

/** Lines about what is going on, or what went wrong. */
export const note = (text: string): void => {
  process.stderr.write(`${text}\n`);
};

/** Columns of text, each as wide as its widest cell; columns named in `right` are flush right. */
export function table(
  rows: readonly (readonly string[])[],
  right: ReadonlySet<number> = new Set(),
): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) {
      widths[column] = Math.max(widths[column] ?? 0, cell.length);
    }
  }
  const padded = (cell: string, column: number) =>
    right.has(column) ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!);
  return rows.map(row => row.map(padded).join('  ').trimEnd()).join('\n');
}

/**
 * Has the program outlive whoever reads it. A reader that has seen enough (`orderly stock list | head -1`) is
 * no failure: what runs until it is interrupted ends in order, and all other work that was asked for is done
 * to its end, though nobody reads about it.
 */
export function outliveReaders(): void {
  process.stdout.on('error', unlessBrokenPipe(interruptWork));
  process.stderr.on(
    'error',
    unlessBrokenPipe(() => {}),
  );
}

/**
 * Ends the program once what it wrote is with whoever reads it: of a pipe, which takes 64 KiB at a time, the end
 * would else take the rest away. By force: when a broker has come and
 * gone, kafkajs keeps a socket that nothing can close.
 */
export async function endWith(exitCode: number): Promise<never> {
  const written = [process.stdout, process.stderr].map(
    stream => new Promise<void>(resolve => stream.write('', () => resolve())),
  );
  await Promise.all(written);
  process.exit(exitCode);
}

const unlessBrokenPipe = (onBrokenPipe: () => void) => (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  onBrokenPipe();
};

/**
 * For much output: waits where the reader is slower.
 * @returns false where nobody reads any more
 */
export const writeOut = (text: string): Promise<boolean> =>
  new Promise((resolve, reject) => {
    process.stdout.write(text, (error?: NodeJS.ErrnoException | null) => {
      if (error && error.code !== 'EPIPE') reject(error);
      else resolve(!error);
    });
  });
