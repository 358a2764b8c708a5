/** Much data out of Postgres, as bytes: what `COPY` sends `pg` does not make text of. */
import pg, { type Pool } from 'pg';
import { classified } from './failures';

/** Signature, flags and the length of an extension that no release has: before the first row. */
const headerBytes = 19;
/** Of a row the number of its columns, then the length of its first one. */
const columnsBytes = 2;
const lengthBytes = 4;

/**
 * The values, none of them null, of a query with one column of bytes. It has no parameters, since `COPY`
 * takes none: nothing that somebody wrote may be put into its text.
 * @throws OrderlyError PostgresUnavailable, PostgresRefused, DataRefused
 */
export async function copyOut(pool: Pool, text: string): Promise<Buffer[]> {
  const copy = new CopyOut(`COPY (${text}) TO STDOUT (FORMAT binary)`);
  try {
    await pool.query(copy);
  } catch (thrown) {
    throw classified(thrown);
  }
  return copy.values;
}

/** A query of `pg`'s own kind, as its connections that pipeline refuse others. */
class CopyOut extends pg.Query {
  readonly values: Buffer[] = [];
  private begin = headerBytes;

  /** Postgres sends each row by itself. What `pg` hands over is its own, and overwritten by what comes next. */
  handleCopyData({ chunk }: { readonly chunk: Buffer }): void {
    if (chunk.readInt16BE(this.begin) === 1) {
      this.values.push(Buffer.from(chunk.subarray(this.begin + columnsBytes + lengthBytes)));
    }
    this.begin = 0;
  }
}
