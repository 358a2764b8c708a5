import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bucketOf } from '../../src/kpi/buckets';
import { type TestKpi, testKpi } from '../ledger/events';
import { station } from '../ledger/station';
import { createDatabase, type TestDatabase } from '../support/database';
import { testFolder } from '../support/testFolder';
import { waitFor } from '../support/waitFor';
import { jsonLines, runMain } from './runMain';

let database: TestDatabase;
let kpi: TestKpi;
let publish: ReturnType<typeof station>['publish'];
let state: string;
beforeEach(async () => {
  database = await createDatabase();
  kpi = testKpi();
  ({ publish } = station(database, kpi.catalogue));
  state = join(testFolder(), 'place');
});
afterEach(() => database?.drop());

const noon = Date.parse('2026-02-03T12:00:00Z');

const run = (...args: string[]) =>
  runMain(['kpi', 'export', ...args], { DATABASE_URL: database.url });

/** Runs it until it writes of this KPI. */
const runUntil = (name: string, ...args: string[]) =>
  waitFor(async () => {
    const ran = await run(...args);
    return ran.stdout.includes(name) ? ran : undefined;
  }, `an export of ${name}`);

interface Line {
  readonly minute: string;
  readonly count: number;
  readonly sum: number;
  readonly change: number;
}

/** What an export writes that goes on where the last one stopped. */
async function next(): Promise<Line[]> {
  const { exitCode, stdout, stderr } = await run('--format', 'ndjson', '--state', state);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  return stdout === '' ? [] : (jsonLines(stdout) as Line[]);
}

/**
 * What exports that go on write until there are so many lines. One may not be enough: a transaction of
 * anybody on the server that began before the events were counted holds them back until the next one.
 */
async function nextLines(count: number): Promise<Line[]> {
  const lines: Line[] = [];
  await waitFor(async () => lines.push(...(await next())) >= count, `${count} lines of exports`);
  return lines;
}

describe('orderly kpi export', () => {
  it('writes nothing where the place can not be noted afterwards', async () => {
    const nowhere = join(testFolder(), 'none', 'place');
    const { exitCode, stdout, stderr } = await run('--format', 'csv', '--state', nowhere);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toMatch(/none can not be read: [^\n]*no such file or directory[^\n]*\n$/);
  });

  it('writes each minute of each slice as CSV, without test orders and totals', async () => {
    await publish(kpi.name, [
      { id: 'a', at: noon, value: 0.1, channel: 'say "web", please' },
      { id: 'b', at: noon + 1, value: 0.2, channel: 'say "web", please' },
      { id: 'c', at: noon, value: 5, channel: 'shop', synthetic: true },
    ]);
    const { exitCode, stdout } = await runUntil(kpi.name, '--format', 'csv');
    expect(exitCode).toBe(0);
    const [head, line, ...rest] = stdout.split('\n');
    expect(head).toBe('kpi,version,minute,slice,count,sum,min,max,revision,change,buckets');
    expect(line).toMatch(
      new RegExp(
        `^${kpi.name},1,2026-02-03T12:00:00.000Z,"{""channel"":""say \\\\""web\\\\"", please""}",2,0.3,0.1,0.2,0,\\d+,`,
      ),
    );
    expect(line).toContain(`"[[${bucketOf(0.1)},1],[${bucketOf(0.2)},1]]"`);
    expect(rest).toEqual(['']);
  });

  it('writes the same as lines of JSON, with every digit of the sums', async () => {
    await publish(kpi.name, [
      { id: 'a', at: noon, value: 0.1, channel: 'web' },
      { id: 'b', at: noon, value: 9_007_199_254_740_991, channel: 'web' },
    ]);
    const { stdout } = await runUntil(kpi.name, '--format', 'ndjson');
    expect(stdout).toContain('"sum":9007199254740991.1,');
    expect(jsonLines(stdout)).toMatchObject([
      { kpi: kpi.name, version: 1, minute: '2026-02-03T12:00:00.000Z', slice: { channel: 'web' } },
    ]);
  });

  it('goes on where the last one stopped, with what has changed since', async () => {
    await publish(kpi.name, [
      { id: 'a', at: noon, value: 1, channel: 'web' },
      { id: 'b', at: noon + 60_000, value: 1, channel: 'web' },
    ]);
    const first = await nextLines(2);
    expect(first.map(({ count }) => count)).toEqual([1, 1]);
    expect(await next()).toEqual([]);
    await publish(kpi.name, [{ id: 'c', at: noon, value: 2, channel: 'web' }]);
    const second = await nextLines(1);
    expect(second).toMatchObject([{ minute: '2026-02-03T12:00:00.000Z', count: 2, sum: 3 }]);
    expect(second[0]!.change).toBeGreaterThan(first[0]!.change);
    expect(await next()).toEqual([]);
  });

  it('notes nothing as exported that nobody reads any more', async () => {
    await publish(kpi.name, [{ id: 'a', at: noon, value: 1, channel: 'web' }]);
    await nextLines(1);
    const noted = readFileSync(state, 'utf8');
    await publish(kpi.name, [{ id: 'b', at: noon + 60_000, value: 1, channel: 'web' }]);
    const program = join(__dirname, '../../dist/cli/main.js');
    const args = ['kpi', 'export', '--format', 'csv', '--state', state];
    const unread = spawn(process.execPath, [program, ...args], {
      env: { ...process.env, DATABASE_URL: database.url },
    });
    unread.stdout.destroy();
    const [exitCode] = await once(unread, 'exit');
    expect(exitCode).toBe(0);
    expect(readFileSync(state, 'utf8')).toBe(noted);
    expect(await nextLines(1)).toMatchObject([{ minute: '2026-02-03T12:01:00.000Z' }]);
  });

  it('misses nothing of a transaction that ends after a later one', async () => {
    const slow = await database.openPool().connect();
    await slow.query('BEGIN');
    await slow.query('SELECT pg_current_xact_id()');
    await publish(kpi.name, [{ id: 'later', at: noon, value: 1, channel: 'web' }]);
    expect(await next()).toEqual([]);
    const { rows } = await slow.query('SELECT series_id FROM kpi_series WHERE NOT total');
    await slow.query(
      'INSERT INTO kpi_minutes (generation, series_id, minute, count) VALUES (1, $1, $2, 7)',
      [rows[0].series_id, new Date(noon + 60_000)],
    );
    await slow.query('COMMIT');
    slow.release();
    expect((await nextLines(2)).map(({ count }) => count).sort()).toEqual([1, 7]);
    expect(await next()).toEqual([]);
  });

  it('writes everything anew after a rebuild', async () => {
    await publish(kpi.name, [{ id: 'a', at: noon, value: 1, channel: 'web' }]);
    await nextLines(1);
    await database.pool.query(`
      CREATE TABLE kpi_minutes_2 PARTITION OF kpi_minutes FOR VALUES IN (2);
      INSERT INTO kpi_minutes SELECT 2, series_id, minute, count, sum, min, max, histogram, revision, changed_in
      FROM kpi_minutes WHERE generation = 1;
      UPDATE ledger_generations SET state = 'retired' WHERE generation = 1;
      INSERT INTO ledger_generations (generation, state) VALUES (2, 'live')`);
    expect(await nextLines(1)).toHaveLength(1);
    expect(await next()).toEqual([]);
  });

  it('notes its place only once all is written, and refuses a note that is none', async () => {
    await next();
    expect(readFileSync(state, 'utf8')).toMatch(/^\d+-\d+ 1 \d+\n$/);
    expect(existsSync(`${state}.new`)).toBe(false);
    writeFileSync(state, 'yesterday\n');
    const { exitCode, stderr } = await run('--format', 'csv', '--state', state);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(`${state} can not be read: it is no note of an export`);
    expect(readFileSync(state, 'utf8')).toBe('yesterday\n');
  });

  it('refuses the place of another database, and one that this database has not come to', async () => {
    await next();
    const own = readFileSync(state, 'utf8');
    const other = await createDatabase();
    const foreign = await runMain(['kpi', 'export', '--format', 'csv', '--state', state], {
      DATABASE_URL: other.url,
    });
    await other.drop();
    expect(foreign).toMatchObject({ exitCode: 2, stdout: '' });
    expect(foreign.stderr).toContain(`${state} notes the place of an export from another database`);
    expect(readFileSync(state, 'utf8')).toBe(own);

    const ahead = own.replace(/\d+\n$/, '9000000000000000000\n');
    writeFileSync(state, ahead);
    expect((await run('--format', 'csv', '--state', state)).exitCode).toBe(2);
    expect(readFileSync(state, 'utf8')).toBe(ahead);
    writeFileSync(state, own);
    expect(await next()).toEqual([]);
  });

  it('needs a format that it knows', async () => {
    expect((await run()).exitCode).toBe(2);
    expect((await run('--format', 'xml')).exitCode).toBe(2);
  });
});
