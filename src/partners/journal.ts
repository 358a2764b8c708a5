/**
 * What a partner's books are made of: entries in a file, one line of JSON each, only ever added to. The
 * books are rebuilt from it at the start, so they survive the process. An entry is written before anyone
 * hears of it; it is not forced to the disk, so a machine that loses its power may lose the last ones.
 */
import { closeSync, mkdirSync, openSync, readFileSync, truncateSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { messageOf, OrderlyError } from '../errors';

export class Journal<Entry> {
  private readonly file: number;

  /**
   * Opens the file, which need not exist, and hands over each entry it holds.
   * @throws OrderlyError PartnerBooksUnreadable
   */
  constructor(
    path: string,
    private readonly apply: (entry: Entry) => void,
  ) {
    mkdirSync(dirname(path), { recursive: true });
    this.file = openSync(path, 'a');
    for (const [index, line] of wholeLines(path).entries()) {
      try {
        apply(JSON.parse(line) as Entry);
      } catch (thrown) {
        closeSync(this.file);
        const detail = messageOf(thrown);
        throw new OrderlyError(
          'PartnerBooksUnreadable',
          { path, line: index + 1, detail },
          { cause: thrown },
        );
      }
    }
  }

  /** Writes the entry down, then lets the books show it. */
  add(entry: Entry): void {
    writeSync(this.file, `${JSON.stringify(entry)}\n`);
    this.apply(entry);
  }

  close(): void {
    closeSync(this.file);
  }
}

/** All lines; one without an end was being written when its process died, and nobody has heard of it. */
function wholeLines(path: string): string[] {
  const bytes = readFileSync(path);
  const end = bytes.lastIndexOf('\n') + 1;
  if (end < bytes.length) truncateSync(path, end);
  return bytes.toString('utf8', 0, end).split('\n').slice(0, -1);
}
