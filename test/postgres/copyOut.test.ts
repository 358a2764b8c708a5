import { copyOut } from '../../src/postgres/copyOut';
import { query } from '../../src/postgres/pool';
import { createDatabase, type TestDatabase } from '../support/database';

describe('values that are copied out of Postgres', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createDatabase();
  });
  afterAll(() => database.drop());

  const fill = (count: number, length: number) => new Array<number>(count).fill(length);

  it('arrive byte for byte, in their order, the long and the empty ones', async () => {
    const lengths = [0, 1, ...fill(100, 3_000), ...fill(10, 40_000), 3, 300_000, 0];
    const values = await copyOut(
      database.pool,
      `SELECT decode(repeat(lpad(to_hex(place), 2, '0'), length), 'hex')
       FROM unnest('{${lengths.join()}}'::integer[]) WITH ORDINALITY AS value (length, place)`,
    );
    expect(values.map(value => value.length)).toEqual(lengths);
    const expected = lengths.map((length, place) => Buffer.alloc(length, place + 1));
    expect(values.filter((value, place) => !value.equals(expected[place]!))).toEqual([]);
  });

  it('are none where the query has no rows', async () => {
    expect(await copyOut(database.pool, "SELECT '\\x00'::bytea WHERE false")).toEqual([]);
  });

  it('come beside other queries, and do not mix', async () => {
    const bytesOf = (byte: number) =>
      copyOut(database.pool, `SELECT decode(repeat('${byte}', 1000), 'hex')`);
    const answers = await Promise.all([
      bytesOf(11),
      query(database.pool, 'SELECT 1 AS one'),
      bytesOf(22),
    ]);
    expect(answers).toEqual([
      [Buffer.alloc(1_000, 0x11)],
      [{ one: 1 }],
      [Buffer.alloc(1_000, 0x22)],
    ]);
  });

  it('are refused by name where Postgres refuses, also after the first of them, and the connection serves on', async () => {
    const failing = copyOut(
      database.pool,
      "SELECT decode(repeat('00', 5000), 'hex') FROM generate_series(1, 100) AS n WHERE 1 / (90 - n) < 2",
    );
    await expect(failing).rejects.toMatchObject({ code: 'DataRefused' });
    expect(await copyOut(database.pool, "SELECT '\\x01'::bytea")).toEqual([Buffer.of(1)]);
  });
});
