/** Standard output belongs to what a command answers; everything else goes to standard error. */

/** One line of JSON, for scripts. */
export const printJson = (value: unknown): void => console.log(JSON.stringify(value));

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

/** A reader that has seen enough (`orderly stock list | head -1`) is no failure. */
export function endQuietlyOnBrokenPipe(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
}
