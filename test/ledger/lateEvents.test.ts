/** What comes late, read from real Postgres: across the end of a day, and where clocks change. */
import { readKpi } from '../../src/ledger/read';
import { createDatabase, type TestDatabase } from '../support/database';
import { attemptsKpi, day, hour, noon, query, second } from './reading';
import { type PublishedEvent, present, station } from './station';

jest.setTimeout(60_000);

let database: TestDatabase;
beforeEach(async () => {
  database = await createDatabase();
});
afterEach(() => database?.drop());

const zones = ['Europe/Berlin', 'America/New_York', 'Asia/Kathmandu'] as const;

/** When the clocks change in 2026: in New York, in Berlin, and back again. */
const changes = [
  '2026-03-08T07:00:00Z',
  '2026-03-29T01:00:00Z',
  '2026-10-25T01:00:00Z',
  '2026-11-01T06:00:00Z',
] as const;

describe('what comes late', () => {
  it('is counted across the end of a day, as a new revision of its window', async () => {
    const kpi = attemptsKpi();
    const { ledger, publish, beat } = station(database, kpi.catalogue);
    const midnight = noon + 12 * hour;
    await publish(kpi.name, [
      { id: 'a', at: midnight - second, value: 1 },
      { id: 'b', at: midnight, value: 5 },
    ]);
    await beat(present('order-worker', noon - day, midnight + 2 * day));
    const days = query(kpi.name, {
      from: midnight - day,
      until: midnight + day,
      windowMs: day,
      now: midnight + 3 * day,
    });
    const figures = async () =>
      (await readKpi(ledger, days)).windows.map(({ count, sum, revision, state }) => ({
        count,
        sum,
        revision,
        state,
      }));
    const first = { state: 'complete', count: 1, sum: 1, revision: 0 };
    const other = { state: 'complete', count: 1, sum: 5, revision: 0 };
    expect(await figures()).toEqual([first, other]);
    const late: PublishedEvent = {
      id: 'late',
      at: midnight - 1,
      value: 2,
      publishedAt: midnight + hour,
    };
    await publish(kpi.name, [late]);
    await publish(kpi.name, [late]);
    expect(await figures()).toEqual([{ ...first, count: 2, sum: 3, revision: 1 }, other]);
  });

  it.each(zones)(
    'is counted in the hour and the day in which it happened, though clocks in %s changed before it came',
    async zone => {
      const kpi = attemptsKpi();
      const elsewhere = database.openPool({ options: `-c TimeZone=${zone}` });
      const { ledger, publish, beat } = station({ pool: elsewhere }, kpi.catalogue);
      for (const change of changes) {
        const at = Date.parse(change);
        const midnight = Math.floor(at / day) * day;
        await publish(kpi.name, [
          { id: `${change} before`, at: at - hour, value: 1 },
          { id: `${change} after`, at, value: 5 },
          { id: `${change} late`, at: at - 1, value: 2, publishedAt: at + 2 * hour },
          { id: `${change} later`, at: midnight - 1, value: 7, publishedAt: at + 2 * hour },
        ]);
        await beat(present('order-worker', midnight - 2 * day, midnight + 3 * day));
        const figures = async (windowMs: number, from: number, until: number) => {
          const asked = query(kpi.name, { from, until, windowMs, now: midnight + 9 * day });
          const { windows } = await readKpi(ledger, asked);
          return windows.map(({ start, count, sum, revision, state }) => ({
            ...{ start: Date.parse(start), count, sum, revision, state },
          }));
        };
        const state = 'complete';
        expect(await figures(hour, at - hour, at + hour)).toEqual([
          { start: at - hour, count: 2, sum: 3, revision: 1, state },
          { start: at, count: 1, sum: 5, revision: 0, state },
        ]);
        expect(await figures(day, midnight - day, midnight + day)).toEqual([
          { start: midnight - day, count: 1, sum: 7, revision: 1, state },
          { start: midnight, count: 3, sum: 8, revision: 1, state },
        ]);
      }
    },
  );
});

describe('a day', () => {
  it.each(zones)('has days of 24 hours of UTC in %s, also where its clocks change', async zone => {
    const kpi = attemptsKpi();
    const { pool } = database;
    const elsewhere = database.openPool({ options: `-c TimeZone=${zone}` });
    const { ledger, publish, beat } = station({ pool: elsewhere }, kpi.catalogue);
    expect((await elsewhere.query('SHOW TimeZone')).rows).toEqual([{ TimeZone: zone }]);
    for (const change of changes) {
      const begin = Math.floor(Date.parse(change) / day) * day;
      const everyHour = Array.from({ length: 72 }, (_, i) => ({
        id: `${change}-${i}`,
        at: begin - day + i * hour,
        value: 1,
      }));
      await publish(kpi.name, everyHour);
      await beat({ ...present('order-worker', begin - 2 * day, begin + 3 * day) });
      const days = {
        from: begin - day,
        until: begin + 2 * day,
        windowMs: day,
        now: begin + 9 * day,
      };
      const { windows } = await readKpi(ledger, query(kpi.name, days));
      expect(windows.map(({ start, count, state }) => [start, count, state])).toEqual(
        [-1, 0, 1].map(i => [new Date(begin + i * day).toISOString(), 24, 'complete']),
      );
      expect(await readKpi({ ...ledger, pool }, query(kpi.name, days))).toEqual(
        await readKpi(ledger, query(kpi.name, days)),
      );
    }
  });
});
