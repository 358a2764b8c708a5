/**
 * Reading windows from the ledger: 30 days of one KPI minute by minute, with percentiles, and how soon an
 * event can be seen in its window that was published as the order worker publishes.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import { KpiPublisher } from '../../src/interceptors/worker/kpiPublisher';
import { readLag } from '../../src/kafka/lag';
import { createPublisher } from '../../src/kafka/publisher';
import { Histogram } from '../../src/kpi/histogram';
import { readKpiCatalogue } from '../../src/kpiCatalogue';
import type { Ledger } from '../../src/ledger/counted';
import { readKpi } from '../../src/ledger/read';
import { kpiTopic } from '../../src/messages/kpiEvent';
import { createPool } from '../../src/postgres/pool';
import { createLogger } from '../../src/telemetry';
import { kpiLingerMs } from '../../src/workers/orderWorker';
import type { Bench, Figure } from '../section';
import { withRoles } from '../support/child';
import { eventOf, kpi, recordOf } from '../support/kpiEvents';
import type { Stage } from '../support/stage';
import { quantile } from '../support/statistics';
import { until } from '../support/until';

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
const days = 30;
/** Enough for most of them to run compiled, as in a process that goes on reading. */
const readings = 25;

/** Events a second for the freshness, and for how many seconds. */
const rate = 1_000;
const seconds = 20;

export async function reading({ stage, note }: Bench): Promise<Figure[]> {
  const { config, kafka } = stage;
  const logger = createLogger(config, 'bench');
  const pool = createPool(config, logger);
  const queueLimit = config.KPI_QUEUE_LIMIT;
  const publisher = await createPublisher(kafka, {
    ...{ logger, maxQueued: queueLimit },
    byTurn: new Set([kpiTopic(kpi)]),
  });
  const gathering = new KpiPublisher({ publisher, queueLimit, lingerMs: kpiLingerMs, logger });
  const ledger = { pool, catalogue: readKpiCatalogue(), graceMs: 30_000 };
  try {
    note('filling two times 30 days of minutes');
    const few = await timeOf(ledger, await fill(pool, '2026-01-02', 60));
    const many = await timeOf(ledger, await fill(pool, '2026-03-02', 6_000));
    note(`publishing ${rate} events a second`);
    const delays = await withRoles(['ledger'], stage.env, async () => {
      // What other sections have left behind is no part of it.
      await until(async () => (await behind(stage)) === 0, 'the ledger to catch up', 250);
      return freshness(gathering, ledger);
    });
    return [
      { what: '30 days by the minute', value: few.usual, unit: 'ms', goal: { atMost: 200 } },
      { what: 'the first time in a process', value: few.first, unit: 'ms' },
      {
        what: 'the same with 100 times the events / with once',
        ...{ value: many.usual / few.usual, unit: 'ratio' },
      },
      { what: 'published to visible, p50', value: quantile(delays, 0.5), unit: 'ms' },
      {
        what: 'published to visible, p99',
        ...{ value: quantile(delays, 0.99), unit: 'ms', goal: { atMost: 1_000 } },
      },
    ];
  } finally {
    await publisher.stop();
    await pool.end();
  }
}

/** Writes so many events a minute for 30 days into the ledger's figures, and answers when they begin. */
async function fill(pool: Pool, day: string, perMinute: number): Promise<number> {
  const begin = Date.parse(`${day}T00:00:00Z`);
  const values = Array.from({ length: perMinute }, (_, i) => 0.05 * 1.022 ** (i % 60));
  await pool.query(
    `INSERT INTO kpi_series (kpi, version, synthetic, total, slice)
     VALUES ($1, 1, false, true, '{}') ON CONFLICT DO NOTHING`,
    [kpi],
  );
  await pool.query(
    `INSERT INTO kpi_minutes (generation, series_id, minute, count, sum, min, max, histogram)
     SELECT 1, series_id, minute, $3, $4, $5, $6, $7 FROM kpi_series,
       generate_series($2::timestamptz, $2::timestamptz + interval '${days} days' - interval '1 minute',
                       interval '1 minute') AS minute
     WHERE kpi = $1 AND version = 1 AND NOT synthetic AND total AND slice = '{}'`,
    [
      kpi,
      new Date(begin),
      perMinute,
      values.reduce((sum, value) => sum + value, 0),
      Math.min(...values),
      Math.max(...values),
      Buffer.from(Histogram.of(values).encode()),
    ],
  );
  await pool.query('ANALYZE kpi_minutes');
  return begin;
}

/** Events that the ledger has not counted, of whichever KPI: it reads them all in one go. */
async function behind({ config, kafka }: Stage): Promise<number> {
  const topics = readKpiCatalogue().namesWithEvents.map(kpiTopic);
  const lags = await readLag(kafka, config.KAFKA_LEDGER_GROUP, topics);
  return lags.reduce((sum, { records }) => sum + records, 0);
}

/** The first of some readings, and the median, in milliseconds. */
async function timeOf(ledger: Ledger, from: number): Promise<{ first: number; usual: number }> {
  const times: number[] = [];
  for (let i = 0; i < readings; i++) {
    const begin = performance.now();
    const until = from + days * dayMs;
    const { windows } = await readKpi(ledger, { kpi, from, until, windowMs: minuteMs, now: until });
    times.push(performance.now() - begin);
    if (windows.length !== days * 24 * 60) throw new Error(`${windows.length} windows were read`);
  }
  return { first: times[0]!, usual: quantile(times, 0.5) };
}

/** From an event's hand-over to the publisher, where it waits for others, to the first reading of its window that counts it, in milliseconds. */
async function freshness(publisher: KpiPublisher, ledger: Ledger): Promise<number[]> {
  const total = rate * seconds;
  const publishedAt: number[] = [];
  const delays: number[] = [];
  const from = Math.floor(Date.now() / minuteMs) * minuteMs - minuteMs;
  const counted = async () => {
    const now = Date.now();
    const frame = { from, until: from + 5 * minuteMs, windowMs: minuteMs, now };
    const { windows } = await readKpi(ledger, { kpi, ...frame });
    return windows.reduce((sum, { count }) => sum + (count ?? 0), 0);
  };
  const before = await counted();
  const publishing = (async () => {
    const begin = performance.now();
    while (publishedAt.length < total) {
      const due = Math.min(total, ((performance.now() - begin) / 1_000) * rate);
      while (publishedAt.length < due) {
        const event = eventOf('fresh', publishedAt.length, Date.now());
        publisher.offer(() => [recordOf(event)]);
        publishedAt.push(performance.now());
      }
      await sleep(5);
    }
  })();
  await until(
    async () => {
      const visible = (await counted()) - before;
      const now = performance.now();
      while (delays.length < visible) delays.push(now - publishedAt[delays.length]!);
      return delays.length >= total;
    },
    'all events to be visible',
    20,
  );
  await publishing;
  return delays;
}
