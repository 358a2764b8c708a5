/** Holds the ledger's figures against the events on the topics, each counted once here, too. */
import type { Kafka } from 'kafkajs';
import { type Positions, readTopics, since } from '../../kafka/reader';
import { ExactSum } from '../../kpi/exactSum';
import { kpiTopic } from '../../messages/kpiEvent';
import { type KpiTotal, type LedgerTotals, readTotals } from '../../postgres/ledgerTotals';
import { readKpiEvent } from '../kpi/readEvent';
import { pause } from '../terminal/interrupt';
import type { Session } from './session';

type Servers = Pick<Session, 'kafka' | 'pool' | 'ledger' | 'catalogue'>;

const pollMs = 100;

/**
 * The KPIs of which the ledger counted something else since then than came on their topics: orders, refusals
 * and measurements, whoever they are of. Each is named with both sides. (One of which an event came that
 * was counted before would be named, too; nothing in a run does that.)
 */
export async function differingFigures(
  { kafka, pool, ledger, catalogue }: Servers,
  before: LedgerTotals,
  signal: AbortSignal,
): Promise<string[]> {
  const topics = catalogue.namesWithEvents.map(kpiTopic);
  const now = await readTotals(pool, before.totals);
  const values = await readValues(
    kafka,
    await beginsOf(kafka, topics, before),
    positionsOf(topics, now),
    signal,
  );
  const known = await ledger.find([...values.keys()]);
  for (const [id, event] of known) if ('refused' in event) values.delete(id);
  return differences(now.totals, totalsOf(values));
}

/** The value of each event id; one that takes another's place has the same. */
type Values = ReadonlyMap<string, number>;

async function readValues(
  kafka: Kafka,
  from: Positions,
  until: Positions,
  signal: AbortSignal,
): Promise<Map<string, number>> {
  const values = new Map<string, number>();
  const reading = await readTopics(kafka, from, record => {
    const end = until.get(record.topic)?.get(record.partition) ?? 0n;
    const event = BigInt(record.offset) < end ? readKpiEvent(record) : undefined;
    if (event !== undefined && !values.has(event.id)) values.set(event.id, event.data.value);
  });
  try {
    while (!reading.hasReached(until) && !signal.aborted) await pause(pollMs, signal);
  } finally {
    await reading.stop();
  }
  // What was read by half would differ from what the ledger has.
  signal.throwIfAborted();
  return values;
}

/** What a partition has lost is not read; of one that the ledger did not know yet, all that it has. */
async function beginsOf(
  kafka: Kafka,
  topics: readonly string[],
  before: LedgerTotals,
): Promise<Positions> {
  const counted = positionsOf(topics, before);
  const begins = await since(kafka, topics, 0);
  return new Map(
    [...begins].map(([topic, places]) => [
      topic,
      new Map(
        [...places].map(([partition, begin]) => [
          partition,
          counted.get(topic)?.get(partition) ?? begin,
        ]),
      ),
    ]),
  );
}

function positionsOf(topics: readonly string[], { counted }: LedgerTotals): Positions {
  const places = new Map(topics.map(topic => [topic, new Map<number, bigint>()]));
  for (const { topic, partition, nextOffset } of counted) {
    places.get(topic)?.set(partition, BigInt(nextOffset));
  }
  return places;
}

/** By the beginning of their ids, `<kpi>@<version>`. */
function totalsOf(values: Values): Map<string, { count: number; sum: ExactSum }> {
  const totals = new Map<string, { count: number; sum: ExactSum }>();
  for (const [id, value] of values) {
    const name = id.slice(0, id.indexOf(':'));
    const total = totals.get(name) ?? { count: 0, sum: new ExactSum() };
    total.count++;
    total.sum.add(value);
    totals.set(name, total);
  }
  return totals;
}

function differences(
  counted: readonly KpiTotal[],
  published: ReadonlyMap<string, { readonly count: number; readonly sum: ExactSum }>,
): string[] {
  const ledger = new Map(
    counted.map(({ kpi, version, count, sum }) => [`${kpi}@${version}`, inWords(count, sum)]),
  );
  const topics = new Map(
    [...published].map(([name, { count, sum }]) => [name, inWords(count, trimmed(`${sum}`))]),
  );
  const nothing = inWords(0, '0');
  return [...new Set([...ledger.keys(), ...topics.keys()])].flatMap(name => {
    const [has, came] = [ledger.get(name) ?? nothing, topics.get(name) ?? nothing];
    return has === came ? [] : [`${name}: ${has}, and ${came} on its topic`];
  });
}

const inWords = (count: number, sum: string): string => `${count} events with the sum ${sum}`;

/** As Postgres' `trim_scale`. */
const trimmed = (sum: string): string => (sum.includes('.') ? sum.replace(/\.?0+$/, '') : sum);
