/** A block of lines on a terminal that is drawn again in its place. */

/** ANSI: to the first column of the line `n` further up, and erase from there to the end of the screen. */
const upAndErase = (n: number): string => (n === 0 ? '' : `\x1b[${n}F\x1b[0J`);

type Terminal = Pick<NodeJS.WriteStream, 'columns' | 'rows' | 'write'>;

export class Screen {
  private drawn = 0;

  constructor(private readonly output: Terminal) {}

  /** Leaves out the last lines where the terminal is too low: what has left its top can't be drawn again. */
  draw(lines: readonly string[]): void {
    // One row is for the cursor. Where a terminal does not tell, it is taken for a usual one.
    const room = (this.output.rows || 24) - 1;
    const shown = this.fitting(lines, room);
    this.output.write(`${upAndErase(this.drawn)}${shown.join('\n')}\n`);
    this.drawn = this.rowsOf(shown);
  }

  private fitting(lines: readonly string[], room: number): readonly string[] {
    if (this.rowsOf(lines) <= room) return lines;
    const shown = [...lines];
    while (shown.length > 0 && this.rowsOf(shown) >= room) shown.pop();
    return [...shown, `… ${lines.length - shown.length} more`];
  }

  private rowsOf(lines: readonly string[]): number {
    const columns = this.output.columns || 80;
    return lines.reduce((rows, line) => rows + Math.max(1, Math.ceil(line.length / columns)), 0);
  }
}
