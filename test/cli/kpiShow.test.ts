import { readKpiCatalogue } from '../../src/kpiCatalogue';
import { saveFindings } from '../../src/postgres/findings';
import { type PublishedEvent, present, station } from '../ledger/station';
import { createDatabase, type TestDatabase } from '../support/database';
import { waitFor } from '../support/waitFor';
import { runMain, stdoutSoFar } from './runMain';

let database: TestDatabase;
let env: Readonly<Record<string, string>>;
const noon = Date.parse('2026-02-03T12:00:00Z');
const minute = 60_000;

beforeAll(async () => {
  database = await createDatabase();
  env = { DATABASE_URL: database.url };
  const { publish, beat } = station(database, readKpiCatalogue());
  const latency = { metric: 'order_latency', unit: 'seconds' };
  const at = (id: string, time: number, value: number, channel: string): PublishedEvent => ({
    ...{ id, at: time, value, channel },
    publishedAt: time,
  });
  await publish(
    'order-latency',
    [
      at('before', noon - 2 * minute, 4, 'web'),
      at('a', noon, 1.5, 'web'),
      at('b', noon + 1, 0.5, 'shop'),
      { ...at('late', noon, 1, 'web'), publishedAt: noon + 10 * minute },
    ],
    latency,
  );
  await beat(present('order-worker', noon - 60 * minute, noon + 3 * minute));
});
afterAll(() => database?.drop());

const twoMinutes = ['--from', '2026-02-03T12:00:00Z', '--to', '2026-02-03T13:02:00+01:00'];

describe('orderly kpi show', () => {
  it('prints exactly the documented JSON', async () => {
    const { exitCode, stdout } = await runMain(
      ['kpi', 'show', 'order-latency', ...twoMinutes, '--json'],
      env,
    );
    expect(exitCode).toBe(0);
    const reading = JSON.parse(stdout);
    expect(Object.keys(reading)).toEqual(
      'kpi version unit fed target comparisons windows'.split(' '),
    );
    expect(reading).toMatchObject({ kpi: 'order-latency', version: 1, unit: 'seconds', fed: true });
    expect(reading.target).toEqual({ statistic: 'p95', atMost: 2 });
    const nearly = (value: number) => expect.closeTo(value, 1);
    expect(reading.comparisons).toEqual([
      {
        ...{ slice: {}, state: 'complete', value: nearly(1.5), met: true },
        ...{ previous: nearly(4), delta: nearly(-2.5) },
      },
    ]);
    expect(reading.windows).toHaveLength(2);
    expect(Object.keys(reading.windows[0])).toEqual(
      'start end state revision slice count sum min max avg p50 p90 p95 p99 ratio'.split(' '),
    );
    expect(reading.windows[0]).toMatchObject({
      ...{ start: '2026-02-03T12:00:00.000Z', end: '2026-02-03T12:01:00.000Z' },
      ...{ state: 'complete', revision: 1, slice: {}, count: 3, sum: 3, avg: 1 },
    });
    expect(reading.windows[1]).toMatchObject({ state: 'no-traffic', count: 0, p95: null });
  });

  it('says where events are unexplained, in the table and in JSON', async () => {
    const asked = ['kpi', 'show', 'failed-attempts', ...twoMinutes];
    await saveFindings(database.pool, 'deep', [
      {
        ...{ eventId: 'failed-attempts@1:attempt:order-x:r:1:1', verdict: 'unexplained' },
        ...{ kpi: 'failed-attempts', occurrence: 'attempt-failed', at: noon + minute },
        detail: 'Temporal has no such workflow',
      },
    ]);
    const { stdout } = await runMain(asked, env);
    expect(stdout.trimEnd().split('\n').at(-1)).toBe(
      "Unexplained by Temporal's record: 1 of the events counted, in 2026-02-03 12:01. orderly kpi reconcile names them.",
    );
    const json = await runMain([...asked, '--json'], env);
    expect(JSON.parse(json.stdout).unexplained).toEqual([
      { start: '2026-02-03T12:01:00.000Z', end: '2026-02-03T12:02:00.000Z', events: 1 },
    ]);
  });

  it('prints a table for people, with the target and the time before', async () => {
    const { stdout } = await runMain(['kpi', 'show', 'order-latency', ...twoMinutes], env);
    const lines = stdout.trimEnd().split('\n');
    expect(lines[0]).toBe('Order latency (order-latency, version 1), in seconds');
    expect(lines[1]).toMatch(
      /^95th percentile 1\.49\d* seconds \(complete\), target at most 2 seconds: met; 4 seconds before \(-2\.5\d* seconds\)$/,
    );
    expect(lines.slice(3)).toEqual([
      expect.stringMatching(
        /^START \(UTC\) +STATE +COUNT +AVERAGE +P50 +P90 +P95 +P99 +MINIMUM +MAXIMUM +REVISION$/,
      ),
      expect.stringMatching(/^2026-02-03 12:00 +complete +3 +1 .* 0\.5 +1\.5 +1$/),
      expect.stringMatching(/^2026-02-03 12:01 +no-traffic +0 +- .* - +- +0$/),
    ]);
  });

  it('has one row for each value of a dimension', async () => {
    const args = [
      'kpi',
      'show',
      'order-latency',
      ...twoMinutes,
      '--by',
      'channel',
      '--window',
      '1h',
    ];
    const { stdout } = await runMain(args, env);
    expect(stdout).toMatch(/^START \(UTC\) +CHANNEL +STATE/m);
    expect(stdout).toMatch(/^2026-02-03 12:00 +shop +partial +1 /m);
    expect(stdout).toMatch(/^2026-02-03 12:00 +web +partial +2 /m);
  });

  it('looks back from now, as many windows as fit', async () => {
    const { stdout } = await runMain(
      ['kpi', 'show', 'order-latency', '--last', '5m', '--json'],
      env,
    );
    const { windows } = JSON.parse(stdout);
    expect(windows).toHaveLength(5);
    expect(Date.parse(windows[4].end)).toBeGreaterThan(Date.now() - minute);
    expect(windows[0]).toMatchObject({ state: 'missing', count: null });
  });

  it('ends with the window under way where the time asked for goes on', async () => {
    const today = new Date().toISOString().slice(0, 10);
    const period = ['--from', today, '--to', '2099-01-01', '--window', '1d'];
    const { stdout } = await runMain(['kpi', 'show', 'order-latency', ...period, '--json'], env);
    const { windows } = JSON.parse(stdout) as { windows: { start: string }[] };
    expect(windows[0]!.start).toBe(`${today}T00:00:00.000Z`);
    expect(Date.parse(windows.at(-1)!.start)).toBeLessThanOrEqual(Date.now());
  });

  it('says of a KPI that nothing feeds that it is not fed yet, and shows no zero', async () => {
    const { exitCode, stdout } = await runMain(['kpi', 'show', 'notification-delivery'], env);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^Not fed yet: nothing produces measured notification yet\.$/m);
    expect(stdout).not.toContain('START');
    const json = await runMain(
      ['kpi', 'show', 'notification-delivery', '--last', '2m', '--json'],
      env,
    );
    const { windows, ...rest } = JSON.parse(json.stdout) as {
      windows: { state: string; count: unknown }[];
    };
    expect(rest).toMatchObject({
      ...{ fed: false, why: 'nothing produces measured notification yet' },
      ...{ comparisons: [], target: { statistic: 'ratio' } },
    });
    expect(windows.map(({ state, count }) => [state, count])).toEqual(
      Array(2).fill(['missing', null]),
    );
  });

  it.each([
    { args: ['happiness'], about: 'There is no KPI happiness.' },
    { args: ['order-latency', '--by', 'colour'], about: 'order-latency has no dimension colour' },
    {
      args: ['notification-delivery', '--by', 'colour'],
      about: 'notification-delivery has no dimension colour',
    },
    {
      args: ['order-latency', '--last', 'long'],
      about: 'It must be a number from 1 to 9999 with m, h or d',
    },
    { args: ['order-latency', '--window', '5m'], about: 'It must be one of 1m, 1h, 1d.' },
    { args: ['order-latency', '--to', '2026-02-03'], about: '--to needs --from' },
    { args: ['order-latency', '--from', 'yesterday'], about: 'It must be a time such as' },
    {
      args: ['order-latency', '--from', '2026-02-03', '--to', '2026-02-03'],
      about: '--from must be before --to',
    },
    { args: ['order-latency', '--from', '2099-01-01'], about: '--from lies in the future' },
    {
      args: ['order-latency', '--from', '2099-01-01', '--to', '2099-01-02'],
      about: '--from lies in the future',
    },
    {
      args: ['order-latency', '--from', '2026-02-03', '--last', '1h'],
      about: 'cannot be used with option',
    },
    { args: ['order-latency', '--by', 'region', '--by', 'channel'], about: 'given once' },
    { args: ['order-latency', '--last', '900d'], about: 'at most 200000 are read at once' },
  ])('answers $args with one line and 2', async ({ args, about }) => {
    for (const form of [[], ['--json']]) {
      const { exitCode, stdout, stderr } = await runMain(['kpi', 'show', ...args, ...form], env);
      expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
      expect(stderr).toContain(about);
      expect(stderr).toMatch(/^[^\n]+\.\n$/);
    }
  });
});

describe('orderly kpi watch', () => {
  it('shows the KPIs named, and ends well with Ctrl-C', async () => {
    const watching = runMain(['kpi', 'watch', 'order-latency', 'notification-delivery'], env);
    await waitFor(() => stdoutSoFar.includes('missing'), 'what kpi watch prints');
    process.emit('SIGINT', 'SIGINT');
    const { exitCode, stdout, stderr } = await watching;
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toMatch(/^order-latency +- +<= 2 seconds +missing +×+·*$/m);
    expect(stdout).toMatch(/^notification-delivery +- .* not fed yet$/m);
  });

  it('refuses a KPI that there is not', async () => {
    const { exitCode, stderr } = await runMain(['kpi', 'watch', 'happiness'], env);
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 2 });
    expect(stderr).toContain('There is no KPI happiness.');
  });
});
