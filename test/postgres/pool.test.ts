import pino from 'pino';
import { readConfig } from '../../src/config';
import { createPool, query, transaction } from '../../src/postgres/pool';
import { createDatabase, type TestDatabase } from '../support/database';
import { waitFor } from '../support/waitFor';

describe('the connections to Postgres', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createDatabase();
    await database.pool.query('CREATE TABLE probe (id text PRIMARY KEY, n integer)');
  });
  afterAll(() => database.drop());
  beforeEach(() =>
    database.pool.query("TRUNCATE probe; INSERT INTO probe VALUES ('a', 0), ('b', 0)"),
  );

  const count = async (id: string) =>
    (await database.pool.query('SELECT n FROM probe WHERE id = $1', [id])).rows[0].n as number;

  it('carry the name of the process, and log a broken idle connection instead of dying', async () => {
    const lines: string[] = [];
    const logger = pino({ base: {} }, { write: (text: string) => void lines.push(text) });
    const config = readConfig({ DATABASE_URL: database.url, SERVICE_INSTANCE: 'probe-1' });
    const pool = createPool(config, logger);
    try {
      const backends = await query<{ pid: number; name: string }>(
        pool,
        'SELECT pid, application_name AS name FROM pg_stat_activity WHERE pid = pg_backend_pid()',
      );
      expect(backends).toMatchObject([{ name: 'orderly probe-1' }]);
      await database.pool.query('SELECT pg_terminate_backend($1)', [backends[0]?.pid]);
      await waitFor(() => lines.length > 0);
      expect(JSON.parse(lines[0] as string)).toMatchObject({
        msg: 'an idle connection to Postgres broke',
        detail: 'terminating connection due to administrator command',
      });
      expect(lines.join()).not.toContain(new URL(database.url).pathname.slice(1));
      expect(await query(pool, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    } finally {
      await pool.end();
    }
  });

  it('plan a statement with parameters once, and run others as they are', async () => {
    const text = 'SELECT $1::text AS said';
    const planned = await transaction(database.pool, async client => {
      await client.query(text, ['one']);
      await client.query(text, ['two']);
      await client.query('SELECT 1; SELECT 2');
      const { rows } = await client.query<{ uses: number }>(
        `SELECT (generic_plans + custom_plans)::integer AS uses
         FROM pg_prepared_statements WHERE statement = '${text}'`,
      );
      return rows;
    });
    expect(planned).toEqual([{ uses: 2 }]);
  });

  it('say what failed first, however late its caller hears of it', async () => {
    const slowly = async (failing: Promise<unknown>) => {
      await failing.catch(async failure => {
        for (let turn = 0; turn < 10; turn++) await undefined;
        throw failure;
      });
    };
    const work = transaction(database.pool, client =>
      Promise.all([
        slowly(client.query('SELECT $1::integer', ['not a number'])),
        client.query('SELECT $1::integer', [1]),
      ]),
    );
    await expect(work).rejects.toMatchObject({ code: 'DataRefused' });
  });

  it('say in the words of the catalogue that nobody listens', async () => {
    const pool = database.openPool({ connectionString: 'postgres://127.0.0.1:1/none' });
    const unavailable = { code: 'PostgresUnavailable', transient: true };
    await expect(query(pool, 'SELECT 1')).rejects.toMatchObject(unavailable);
    await expect(transaction(pool, async () => 1)).rejects.toMatchObject(unavailable);
  });

  it('say in the words of the catalogue that there is no such database', async () => {
    const url = new URL(database.url);
    url.pathname = '/no_such_database';
    const pool = database.openPool({ connectionString: url.href });
    await expect(query(pool, 'SELECT 1')).rejects.toMatchObject({
      code: 'PostgresRefused',
      transient: true,
    });
  });

  it('commit what a transaction did, and answer with its result', async () => {
    const answer = await transaction(database.pool, async client => {
      await client.query("UPDATE probe SET n = 1 WHERE id = 'a'");
      return 'done';
    });
    expect(answer).toBe('done');
    expect(await count('a')).toBe(1);
  });

  it('commit along with the last statements where asked to', async () => {
    const answer = await transaction(database.pool, async (client, commit) => {
      const [{ rows }] = await Promise.all([
        client.query("UPDATE probe SET n = 7 WHERE id = 'a' RETURNING n"),
        commit(),
      ]);
      return rows;
    });
    expect(answer).toEqual([{ n: 7 }]);
    expect(await count('a')).toBe(7);
  });

  it('commit nothing where a statement fails along with the commit, and say which', async () => {
    const failing = transaction(database.pool, (client, commit) =>
      Promise.all([
        client.query("UPDATE probe SET n = 1 WHERE id = 'a'"),
        client.query('SELECT $1::integer', ['not a number']),
        commit(),
      ]),
    );
    await expect(failing).rejects.toMatchObject({ code: 'DataRefused' });
    expect(await count('a')).toBe(0);
  });

  it('do not call a transaction done in which a failure was passed over', async () => {
    const failing = transaction(database.pool, async client => {
      await client.query("UPDATE probe SET n = 1 WHERE id = 'a'");
      await client.query('SELECT $1::integer', ['not a number']).catch(() => undefined);
    });
    await expect(failing).rejects.toMatchObject({ code: 'DataRefused' });
    expect(await count('a')).toBe(0);
  });

  it('leave nothing of a transaction that failed, and keep the connection', async () => {
    const pool = database.openPool({ max: 1 });
    const pid = async () =>
      (await query<{ pid: number }>(pool, 'SELECT pg_backend_pid() AS pid'))[0];
    const before = await pid();
    const failing = transaction(pool, async client => {
      await client.query("UPDATE probe SET n = 1 WHERE id = 'a'");
      throw new Error('changed my mind');
    });
    await expect(failing).rejects.toThrow('changed my mind');
    await expect(transaction(pool, client => client.query('nonsense'))).rejects.toMatchObject({
      code: '42601',
    });
    expect(await count('a')).toBe(0);
    expect(await pid()).toEqual(before);
  });

  it('replace a connection that was cut in a transaction', async () => {
    const pool = database.openPool({ max: 1 });
    const cut = transaction(pool, async client => {
      await client.query("UPDATE probe SET n = 1 WHERE id = 'a'");
      const { rows } = await client.query('SELECT pg_backend_pid() AS pid');
      await database.pool.query('SELECT pg_terminate_backend($1)', [rows[0].pid]);
      await client.query("UPDATE probe SET n = 2 WHERE id = 'a'");
    });
    await expect(cut).rejects.toMatchObject({ code: 'PostgresUnavailable' });
    expect(await count('a')).toBe(0);
    expect(await query(pool, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('begin the loser of a real deadlock anew, so that both transactions are done', async () => {
    let attempts = 0;
    let holding = 0;
    let winnerIsDone = false;
    const add = 'UPDATE probe SET n = n + 1 WHERE id = $1';
    const lockBoth = async (first: string, second: string) => {
      await transaction(database.openPool(), async client => {
        // The loser could be quicker than the winner wakes up, and lead both into the next deadlock.
        if (++attempts > 2) await waitFor(() => winnerIsDone);
        await client.query(add, [first]);
        holding++;
        await waitFor(() => holding >= 2);
        await client.query(add, [second]);
      });
      winnerIsDone = true;
    };
    await Promise.all([lockBoth('a', 'b'), lockBoth('b', 'a')]);
    expect(attempts).toBe(3);
    expect([await count('a'), await count('b')]).toEqual([2, 2]);
  });

  it('give up on a transaction that meets nothing but conflicts, and say that it may be tried again', async () => {
    let attempts = 0;
    const conflict = `DO $$ BEGIN RAISE EXCEPTION 'conflict' USING ERRCODE = '40001'; END $$`;
    const failing = transaction(database.pool, async client => {
      attempts++;
      await client.query(conflict);
    });
    await expect(failing).rejects.toMatchObject({ code: 'PostgresUnavailable', transient: true });
    expect(attempts).toBe(5);
  });

  it('end a statement that takes too long, and say that it may be tried again', async () => {
    const pool = database.openPool({ statement_timeout: 50 });
    await expect(query(pool, 'SELECT pg_sleep(60)')).rejects.toMatchObject({
      code: 'PostgresUnavailable',
    });
  });

  it('stop waiting for a server that went silent', async () => {
    const pool = database.openPool({ query_timeout: 50, max: 1 });
    await expect(query(pool, 'SELECT pg_sleep(60)')).rejects.toMatchObject({
      code: 'PostgresUnavailable',
    });
    const silent = transaction(pool, client => client.query('SELECT pg_sleep(60)'));
    await expect(silent).rejects.toMatchObject({ code: 'PostgresUnavailable' });
    expect(await query(pool, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('read amounts as numbers', async () => {
    expect(await query(database.pool, 'SELECT 9007199254740991::bigint AS most')).toEqual([
      { most: Number.MAX_SAFE_INTEGER },
    ]);
  });
});
