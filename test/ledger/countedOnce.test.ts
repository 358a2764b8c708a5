/**
 * Counting by whole ledger processes on real Postgres, as they run but for Kafka: what they remember, what
 * they gather into a batch and what is in the database have to agree on what holds.
 */

import fc from 'fast-check';
import { Registry } from 'prom-client';
import { createLedger } from '../../src/ledger/ledger';
import { createLedgerMetrics } from '../../src/ledger/metrics';
import { createDatabase, type TestDatabase } from '../support/database';
import { quiet } from '../support/kafka';
import { figuresOf, figuresOfEvents } from '../support/kpiFigures';
import { asIncoming, eventRecord, type TestEvent, type TestKpi, testKpi } from './events';

jest.setTimeout(120_000);

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database?.drop());

const processes = 3;
const begin = Math.floor(Date.now() / 60_000) * 60_000 - 600_000;

const seconds = fc.integer({ min: -90, max: 90 });
const channel = fc.constantFrom('web', 'shop');

/** All that comes under one id, and how many times: an event that has no failure, and so no other side. */
const plain = fc.record({
  told: fc.record({ seconds, channel }).map(told => [eventOf(told)]),
  copies: fc.integer({ min: 1, max: 3 }),
});

/** Or the failure whose type is known, and any number of guesses at it; types that sort before and after `unknown`. */
const failed = fc.record({
  told: fc
    .record({
      known: fc.option(
        fc.record({ seconds, failure: fc.constantFrom('40P01', 'NoStock', 'write EPIPE') }),
      ),
      guesses: fc.array(seconds, { maxLength: 2 }),
      channel,
    })
    .map(({ known, guesses, channel: where }) => [
      ...(known === null ? [] : [eventOf({ ...known, channel: where })]),
      ...guesses.map(at => eventOf({ seconds: at, channel: where, failure: 'unknown' })),
    ]),
  copies: fc.integer({ min: 1, max: 3 }),
});

type Told = Omit<TestEvent, 'id'>;

/** Its value follows from its time, so that two guesses of one time are one. */
function eventOf(of: { seconds: number; channel: string; failure?: string }): Told {
  const { seconds: after, channel: where, failure } = of;
  const common = { at: begin + after * 1_000, value: (after + 90) / 16, channel: where };
  return failure === undefined ? common : { ...common, failure };
}

const goodFailures =
  '{ kind: distribution, metric: test_errors, unit: errors, good: { failure: [NoStock] } }';
const channelsApart = '[{ name: failure, bound: 50 }, { name: channel, bound: 3, apart: true }]';

describe('ledger processes', () => {
  it.each<[string, Readonly<Record<string, string>>, readonly string[]]>([
    ['one total', {}, []],
    ['a total of each failure', { formula: goodFailures }, ['failure']],
    ['a total of each channel', { dimensions: channelsApart }, ['channel']],
    [
      'a total of each failure and channel',
      { formula: goodFailures, dimensions: channelsApart },
      ['failure', 'channel'],
    ],
  ])(
    'count what holds of each id, once, in any order, repetition and split, and whatever they forget: %s',
    async (_, changes, kept) => {
      const pools = [
        database.pool,
        ...Array.from({ length: processes - 1 }, () => database.openPool()),
      ];
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.oneof(plain, failed), { minLength: 1, maxLength: 25 }),
          fc.infiniteStream(fc.nat()),
          async (stories, chance) => {
            const kpi = testKpi(changes);
            const events = stories.map(({ told }, i) =>
              told.map(each => ({ ...each, id: `e${i}` })),
            );
            const deliveries = events.flatMap((told, i) =>
              Array.from({ length: stories[i]!.copies }, () => told).flat(),
            );
            await Promise.all(
              deal(deliveries, chance).map((mine, partition) =>
                deliver(kpi, pools[partition]!, partition, mine, chance),
              ),
            );
            const holding = events.flatMap(told => holds(told) ?? []);
            expect(await figuresOf(database.pool, kpi.name)).toEqual(
              figuresOfEvents(holding, kept),
            );
            expect(await keptEvents(kpi)).toBe(holding.length);
          },
        ),
        { numRuns: 25, endOnFailure: true },
      );
    },
  );
});

/** Of what came under one id: what knows its failure, or has none; else the earliest. */
function holds(told: readonly TestEvent[]) {
  const [earliest] = [...told].sort((a, b) => a.at - b.at);
  const event = told.find(({ failure }) => failure !== 'unknown') ?? earliest;
  if (event === undefined) return undefined;
  const { at, value, failure, channel: where } = event;
  return { at, value, slice: { ...(failure && { failure }), channel: String(where) } };
}

/** Hands a process its records portion by portion, as Kafka would. */
async function deliver(
  kpi: TestKpi,
  pool: TestDatabase['pool'],
  partition: number,
  events: readonly TestEvent[],
  chance: fc.Stream<number>,
): Promise<void> {
  const records = events.map((event, offset) =>
    asIncoming(eventRecord(kpi, event), { partition, offset: String(offset) }),
  );
  let count = processOf(kpi, pool);
  const left: Promise<unknown>[] = [];
  while (records.length > 0) {
    const portion = records.splice(0, 1 + (draw(chance) % 12));
    const counting = Promise.all(portion.map(count));
    if (draw(chance) % 3 > 0) {
      await counting;
      continue;
    }
    // It loses the partition in the middle; whoever has it next knows nothing of it, and is given all again.
    left.push(counting);
    count = processOf(kpi, pool);
    await Promise.all(portion.map(count));
  }
  await Promise.all(left);
}

const processOf = ({ catalogue }: TestKpi, pool: TestDatabase['pool']) =>
  createLedger({
    pool,
    catalogue,
    publisher: { publish: async () => ({ partition: 0, offset: '0' }) },
    group: 'ledger',
    keepDays: 35,
    graceSeconds: 30,
    metrics: createLedgerMetrics(new Registry()),
    logger: quiet,
    signal: new AbortController().signal,
  });

async function keptEvents({ name }: TestKpi): Promise<number> {
  const { rows } = await database.pool.query<{ events: number }>(
    `SELECT count(*)::integer AS events FROM kpi_events
       JOIN counted_events USING (generation, event_key, at, value, series_id, provisional)
       JOIN kpi_series USING (series_id)
     WHERE kpi = $1`,
    [name],
  );
  return rows[0]!.events;
}

/** Deals shuffled deliveries to the processes. */
function deal(events: readonly TestEvent[], chance: fc.Stream<number>): TestEvent[][] {
  const dealt: TestEvent[][] = Array.from({ length: processes }, () => []);
  const left = [...events];
  while (left.length > 0) {
    const [event] = left.splice(draw(chance) % left.length, 1);
    dealt[draw(chance) % processes]!.push(event!);
  }
  return dealt;
}

const draw = (chance: fc.Stream<number>): number => chance.next().value ?? 0;
