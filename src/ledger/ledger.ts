/**
 * The ledger: every record of a KPI's topic ends as exactly one of
 *
 * - counted: the event's id is new, or its failure has a type where the one counted before had none;
 * - nothing more: its id is counted already;
 * - refused: a dead letter with the reason, and a row that counts it.
 *
 * The handler resolves only when that is durable. Batches are counted one after the other, each for as
 * long as it takes, so the watermark of a partition never passes a record that is not dealt with.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import { messageOf, OrderlyError } from '../errors';
import { backoffMs } from '../kafka/backoff';
import { publishDeadLetter } from '../kafka/deadLetter';
import type { Publisher } from '../kafka/publisher';
import { headerText, type IncomingRecord } from '../kafka/record';
import type { Catalogue } from '../kpi/catalogue';
import { countBatch } from '../postgres/ledger';
import type { Logger } from '../telemetry';
import { asLedgerEvent, asRefusedEvent, Gathered, type Refused } from './assemble';
import { Convoy } from './convoy';
import { Dictionary } from './dictionary';
import type { LedgerMetrics } from './metrics';
import { createReader, type ReadEvent } from './readEvent';
import { RecentIds } from './recentIds';

export interface LedgerOptions {
  readonly pool: Pool;
  readonly catalogue: Catalogue;
  readonly publisher: Pick<Publisher, 'publish'>;
  /** The consumer group, for dead letters. */
  readonly group: string;
  /** How long ids are kept; an older event is refused, because nobody could tell whether it counted. */
  readonly keepDays: number;
  /** How long after its end a minute should be complete; what is published later is late. */
  readonly graceSeconds: number;
  readonly metrics: LedgerMetrics;
  readonly logger: Logger;
  /** Once aborted, nothing is tried again. */
  readonly signal: AbortSignal;
  /**
   * For a rebuild: the generation that it fills. Events are then judged by the time at which they were
   * published, as if they came now. Default: the live one.
   */
  readonly building?: number;
}

/** Large enough that the figures of two hundred slices over some minutes cost little beside their events. */
const maxBatch = 20_000;

/** How many records may be in hand: while one batch is counted and the next is full, one more gathers. */
export const inHand = 3 * maxBatch;

/** A lightly loaded ledger neither fetches nor commits each event by itself: once in a while is enough. */
export const gather = { bytes: 256 * 1024, milliseconds: 600 } as const;
/** It counts once whatever comes again, and knows by itself how far it has come. */
export const commitEveryMs = 5_000;
const smallBatch = 1_000;
const restMs = 100;

/** Some tens of megabytes, and longer than a client takes to repeat itself under full load. */
const recentIds = 100_000;

const dayMs = 86_400_000;
/** How far a producer's clock may be ahead. */
const aheadMs = 300_000;

/** The handler of one record of a KPI's topic. Calls share their transactions, and their promises. */
export function createLedger(options: LedgerOptions): (record: IncomingRecord) => Promise<void> {
  const read = createReader(options.catalogue);
  const counting = new Counting(options);
  // Of these ids an event is counted, or in a batch that goes ahead: nothing that comes changes anything.
  const settled = new RecentIds(recentIds);
  const convoy = new Convoy(
    () => new Gathered(),
    batch => counting.run(batch),
  );
  const take = (record: IncomingRecord): ReadEvent | OrderlyError | undefined => {
    const id = headerText(record.headers, 'ce_id');
    if (id !== undefined && settled.has(id)) return undefined;
    const now = options.building === undefined ? Date.now() : record.timestamp;
    try {
      const event = read(record, { oldest: now - options.keepDays * dayMs, newest: now + aheadMs });
      if (event.particulars.failure !== 'unknown') settled.add(event.id);
      return event;
    } catch (thrown) {
      if (thrown instanceof OrderlyError) return thrown;
      throw thrown;
    }
  };
  return record => {
    const taken = take(record);
    return convoy.add(batch => {
      batch.add(record, taken);
      return { isFull: batch.size >= maxBatch };
    });
  };
}

class Counting {
  private readonly dictionary: Dictionary;

  constructor(private readonly options: LedgerOptions) {
    this.dictionary = new Dictionary(options.pool);
  }

  async run(batch: Gathered): Promise<void> {
    const { signal } = this.options;
    if (batch.refused.length > 0) await this.untilDone(() => this.putAside(batch.refused));
    await this.untilDone(() => this.count(batch));
    if (batch.size < smallBatch) await sleep(restMs, undefined, { signal }).catch(() => {});
  }

  /** Whatever is in the way, nothing behind may pass: the watermark would pass with it. */
  private async untilDone(work: () => Promise<void>): Promise<void> {
    const { signal, logger } = this.options;
    for (let attempt = 1; ; attempt++) {
      try {
        return await work();
      } catch (thrown) {
        if (signal.aborted) throw thrown;
        const detail = messageOf(thrown);
        logger.warn({ attempt, detail }, 'a batch could not be counted now; it is tried again');
        await sleep(backoffMs(attempt), undefined, { signal });
      }
    }
  }

  private async putAside(refused: readonly Refused[]): Promise<void> {
    const { group, publisher, logger } = this.options;
    await Promise.all(
      refused.map(({ record, reason: { code, message } }) => {
        const { topic, partition, offset } = record;
        logger.warn({ topic, partition, offset, code }, message);
        return publishDeadLetter(publisher, record, group, { code, message });
      }),
    );
  }

  private async count({ events, refused, progress, size }: Gathered): Promise<void> {
    const { pool, metrics, graceSeconds, building } = this.options;
    const places = await this.dictionary.placesOf(events);
    const batch = {
      events: events.map((event, i) => asLedgerEvent(event, places[i]!, graceSeconds * 1_000)),
      refusals: refused.map(asRefusedEvent),
      progress,
    };
    const { fresh, replaced } = await countBatch(pool, batch, building);
    const now = Date.now();
    metrics.count('counted', fresh);
    metrics.count('replaced', replaced);
    metrics.count('repeated', size - refused.length - fresh - replaced);
    metrics.count('other', places.filter(({ isOther }) => isOther).length);
    for (const { reason } of refused) metrics.count(reason.code, 1);
    for (const { publishedAt } of events) metrics.visibleAfter((now - publishedAt) / 1_000);
  }
}
