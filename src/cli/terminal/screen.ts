/** A block of lines on a terminal that is drawn again in its place. */

/** ANSI: to the first column of the line `n` further up, and erase from there to the end of the screen. */
const upAndErase = (n: number): string => (n === 0 ? '' : `\x1b[${n}F\x1b[0J`);

export class Screen {
  private rows = 0;

  constructor(private readonly output: NodeJS.WriteStream) {}

  draw(lines: readonly string[]): void {
    const width = this.output.columns || 80;
    this.output.write(`${upAndErase(this.rows)}${lines.join('\n')}\n`);
    this.rows = lines.reduce((rows, line) => rows + Math.max(1, Math.ceil(line.length / width)), 0);
  }
}
