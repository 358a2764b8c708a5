/** Counts all that the topics hold anew, beside the live figures, and then takes their place. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Kafka } from 'kafkajs';
import type { Pool } from 'pg';
import { OrderlyError } from '../errors';
import { consume } from '../kafka/consumer';
import { type Positions, since } from '../kafka/reader';
import type { IncomingRecord } from '../kafka/record';
import type { Catalogue } from '../kpi/catalogue';
import { kpiTopic } from '../messages/kpiEvent';
import { countBatch } from '../postgres/ledger';
import {
  type Comparison,
  discardUnfinished,
  hasCaughtUp,
  openGeneration,
  type Reach,
  swapGeneration,
} from '../postgres/ledgerGenerations';
import { withSessionLock } from '../postgres/sessionLock';
import { createLedger, inHand, type LedgerOptions } from './ledger';

export interface RebuildOptions
  extends Pick<
    LedgerOptions,
    'pool' | 'catalogue' | 'keepDays' | 'graceSeconds' | 'metrics' | 'logger' | 'signal'
  > {
  readonly kafka: Kafka;
}

export interface Rebuilt {
  /** The KPIs whose topics do not reach back to their beginning; what is older stayed as it was. */
  readonly reaches: readonly Reach[];
  readonly comparison: readonly Comparison[];
}

const pollMs = 200;
const minuteMs = 60_000;

/** Any number does, as long as no other lock has it. */
const rebuilding = 7_364_201_121;

/**
 * One at a time: a rebuild discards what an earlier one left unfinished, and could not tell it from what
 * another one is at work on.
 * @throws OrderlyError RebuildUnderWay, KafkaUnavailable, PostgresUnavailable, Interrupted
 */
export function rebuild(options: RebuildOptions): Promise<Rebuilt> {
  const { pool, signal } = options;
  return withSessionLock(pool, { lock: rebuilding, refusal: 'RebuildUnderWay' }, lost =>
    rebuildAlone({ ...options, signal: AbortSignal.any([signal, lost]) }, lost),
  );
}

/** @param lost aborted when another one may have begun */
async function rebuildAlone(options: RebuildOptions, lost: AbortSignal): Promise<Rebuilt> {
  const { kafka, pool, catalogue, logger, signal } = options;
  const topics = catalogue.namesWithEvents.map(kpiTopic);
  await discardUnfinished(pool);
  const generation = await openGeneration(pool);
  const begin = await since(kafka, topics, 0);
  await noteBegin(pool, generation, begin);
  const firsts = new Map<string, number>();
  const count = createLedger({
    ...options,
    building: generation,
    group: 'rebuild',
    // What is wrong went to the dead letters when it was first counted.
    publisher: { publish: async () => ({ partition: 0, offset: '0' }) },
  });
  const consumption = await consume(kafka, {
    group: `orderly-rebuild-${randomUUID()}`,
    topics,
    onRecord: record => {
      noteFirst(firsts, record);
      return count(record);
    },
    maxInFlight: inHand,
    logger,
  });
  try {
    for (;;) {
      lost.throwIfAborted();
      if (signal.aborted) throw new OrderlyError('Interrupted');
      if (await hasCaughtUp(pool, generation, topics)) {
        const reaches = reachesOf(catalogue, begin, firsts);
        const comparison = await swapGeneration(pool, generation, topics, reaches);
        if (comparison !== undefined) return { reaches, comparison };
      }
      await sleep(pollMs, undefined, { signal }).catch(() => {});
    }
  } finally {
    await consumption.stop();
  }
}

/** Offsets that Kafka has deleted count as dealt with. */
async function noteBegin(pool: Pool, generation: number, begin: Positions): Promise<void> {
  const progress = [...begin].flatMap(([topic, places]) =>
    [...places].map(([partition, offset]) => ({
      ...{ topic, partition },
      nextOffset: Number(offset),
      recordTime: 0,
    })),
  );
  await countBatch(pool, { events: [], refusals: [], progress }, generation);
}

const placeOf = (topic: string, partition: number): string => `${topic}-${partition}`;

function noteFirst(
  firsts: Map<string, number>,
  { topic, partition, timestamp }: IncomingRecord,
): void {
  const place = placeOf(topic, partition);
  if (!firsts.has(place)) firsts.set(place, timestamp);
}

/**
 * Events are published after they happened: from the minute after the first record of each partition on,
 * a topic holds them all. A partition from which nothing was ever deleted reaches back to its beginning.
 */
function reachesOf(
  catalogue: Catalogue,
  begin: Positions,
  firsts: ReadonlyMap<string, number>,
): Reach[] {
  return catalogue.namesWithEvents.flatMap(kpi => {
    const topic = kpiTopic(kpi);
    const cut = [...(begin.get(topic) ?? [])]
      .filter(([, offset]) => offset > 0n)
      .map(([partition]) => firsts.get(placeOf(topic, partition)) ?? Date.now());
    if (cut.length === 0) return [];
    return [{ kpi, from: Math.ceil(Math.max(...cut) / minuteMs) * minuteMs }];
  });
}
