/**
 * The ledger: how fast one process counts what Kafka holds, every event twice, beside what Postgres takes
 * when the same rows are merely copied into a table; and its memory meanwhile.
 */
import { writeFileSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { Bench, Figure } from '../section';
import { withRoles } from '../support/child';
import { eventOf, recordOf } from '../support/kpiEvents';
import { cpuMs, rssMiB } from '../support/proc';
import type { Stage } from '../support/stage';
import { until } from '../support/until';

/** Over so many minutes the events are spread. */
const minutes = 10;
/** Handed to the publisher at once. */
const portion = 20_000;
/** Where the memory is looked at, as shares of all: 0.5, 1, 2, 3, 4 and 5 million of 5 million. */
const marks = [0.1, 0.2, 0.4, 0.6, 0.8, 1];
/** The mark from which on the memory is that of a process at work. */
const warm = 1;

export async function ledger(bench: Bench): Promise<Figure[]> {
  const { stage, scale, note } = bench;
  const events = scale.ledgerEvents;
  const begin = Math.floor(Date.now() / 60_000) * 60_000 - (minutes + 5) * 60_000;
  note(`publishing ${events} KPI events, each twice`);
  await publish(stage, events, begin);
  const counted = await withRoles(['ledger'], stage.env, async roles => {
    const done = async () => {
      const of = (result: string) =>
        roles.ledger.metric('orderly_ledger_events_total', `result="${result}"`);
      return (await of('counted')) + (await of('repeated'));
    };
    const timed = async (share: number) => {
      await until(async () => (await done()) >= share * 2 * events, 'events to be counted', 250);
      const { pid } = roles.ledger;
      const { kafka, postgres } = stage.servers;
      const [cpu, broker, database] = [pid, kafka, postgres].map(cpuMs);
      const at = performance.now();
      return { at, deliveries: await done(), cpu, broker, database, rss: rssMiB(pid) };
    };
    const at: Awaited<ReturnType<typeof timed>>[] = [];
    for (const mark of marks) at.push(await timed(mark));
    const first = at[warm]!;
    const last = at.at(-1)!;
    const deliveries = last.deliveries - first.deliveries;
    const each = (of: (at: typeof first) => number) =>
      ((of(last) - of(first)) / deliveries) * 1_000;
    return {
      perSecond: (deliveries / (last.at - first.at)) * 1_000,
      cpu: each(({ cpu }) => cpu!),
      broker: each(({ broker }) => broker!),
      database: each(({ database }) => database!),
      grown: last.rss / first.rss,
      rss: at.map(({ rss }) => rss),
    };
  });
  const copied = await copy(stage, events, begin);
  return [
    {
      what: 'deliveries counted by one process',
      value: counted.perSecond,
      unit: 'per second',
      goal: { atLeast: 50_000 },
    },
    { what: 'CPU of that process', value: counted.cpu, unit: 'microseconds per delivery' },
    { what: 'CPU of Kafka', value: counted.broker, unit: 'microseconds per delivery' },
    { what: 'CPU of Postgres', value: counted.database, unit: 'microseconds per delivery' },
    { what: 'rows copied by Postgres', value: copied, unit: 'per second' },
    { what: 'counted / copied', value: counted.perSecond / copied, unit: 'ratio' },
    ...counted.rss.map((value, i) => ({
      ...{ what: `memory after ${marks[i]! * 2 * events} deliveries`, value, unit: 'MiB' },
    })),
    {
      what: `memory at the end / after ${marks[warm]! * 100} %`,
      value: counted.grown,
      unit: 'ratio',
      goal: { atMost: 1.2 },
    },
  ];
}

/** The second copy of an event follows the first at a distance of a few thousand others. */
async function publish({ publisher }: Stage, events: number, begin: number): Promise<void> {
  for (let from = 0; from < events; from += portion) {
    const numbers = Array.from({ length: Math.min(portion, events - from) }, (_, i) => from + i);
    const again = numbers.map((_, i) => numbers[(i * 7_919) % numbers.length]!);
    await Promise.all(
      [...numbers, ...again].map(n => publisher.publish(recordOf(madeEvent(n, begin)))),
    );
  }
}

const madeEvent = (n: number, begin: number) =>
  eventOf('bench', n, begin + ((n * 37) % (minutes * 60_000)));

/** Rows a second, each delivery one row, by the server's own COPY from a file into a plain table. */
async function copy(stage: Stage, events: number, begin: number): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'orderly-copy-'));
  const file = join(folder, 'rows.csv');
  const client = new pg.Client({ connectionString: stage.adminUrl });
  await client.connect();
  try {
    await chmod(folder, 0o755);
    const rows = Math.min(events, 500_000);
    const lines = Array.from({ length: rows }, (_, n) => {
      const { id, timestamp, value, slice } = madeEvent(n, begin);
      return [id, timestamp, value, ...Object.values(slice)].join();
    });
    writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o644 });
    await client.query(
      `CREATE TABLE bench_copy (event_id text, at timestamptz, value double precision,
                                outcome text, channel text, region text)`,
    );
    const start = performance.now();
    await client.query(`COPY bench_copy FROM '${file}' (FORMAT csv)`);
    const seconds = (performance.now() - start) / 1_000;
    await client.query('DROP TABLE bench_copy');
    return rows / seconds;
  } finally {
    await client.end();
    await rm(folder, { recursive: true });
  }
}
