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
import { Batcher } from '../batcher';
import { messageOf, OrderlyError } from '../errors';
import { backoffMs } from '../kafka/backoff';
import { deadLetter } from '../kafka/deadLetter';
import type { Publisher } from '../kafka/publisher';
import { headerText, type IncomingRecord } from '../kafka/record';
import type { Catalogue } from '../kpi/catalogue';
import { countBatch } from '../postgres/ledger';
import type { Logger } from '../telemetry';
import {
  asLedgerEvent,
  asRefusedEvent,
  type EventItem,
  eachIdOnce,
  type Item,
  progressOf,
  type RefusedItem,
} from './assemble';
import { Dictionary } from './dictionary';
import type { LedgerMetrics } from './metrics';
import { createReader } from './readEvent';
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

/** Large enough that the figures of two hundred slices cost little beside their events. */
const maxBatch = 4_000;

/** A lightly loaded ledger does not commit each event by itself: a few dozen times a second is enough. */
const smallBatch = 1_000;
const restMs = 40;

/** Some tens of megabytes, and longer than a client takes to repeat itself under full load. */
const recentIds = 100_000;

const dayMs = 86_400_000;
/** How far a producer's clock may be ahead. */
const aheadMs = 300_000;

/** The handler of one record of a KPI's topic. Concurrent calls share their transactions. */
export function createLedger(options: LedgerOptions): (record: IncomingRecord) => Promise<void> {
  const read = createReader(options.catalogue);
  const counting = new Counting(options);
  const batcher = new Batcher<Item, void>({
    run: items => counting.run(items),
    maxItems: maxBatch,
  });
  const take = (record: IncomingRecord): Item['taken'] => {
    if (counting.isSettled(headerText(record.headers, 'ce_id'))) return undefined;
    const now = options.building === undefined ? Date.now() : record.timestamp;
    try {
      return read(record, { oldest: now - options.keepDays * dayMs, newest: now + aheadMs });
    } catch (thrown) {
      if (thrown instanceof OrderlyError) return thrown;
      throw thrown;
    }
  };
  return record => batcher.add({ record, taken: take(record) });
}

class Counting {
  private readonly dictionary: Dictionary;
  private readonly settled = new RecentIds(recentIds);

  constructor(private readonly options: LedgerOptions) {
    this.dictionary = new Dictionary(options.pool);
  }

  /** Whether an event with this id is counted for good: nothing that comes under it changes anything. */
  isSettled(id: string | undefined): boolean {
    return id !== undefined && this.settled.has(id);
  }

  async run(items: readonly Item[]): Promise<void> {
    const { signal } = this.options;
    const refused = items.filter(isRefused);
    if (refused.length > 0) await this.untilDone(() => this.putAside(refused));
    await this.untilDone(() => this.count(items));
    if (items.length < smallBatch) await sleep(restMs, undefined, { signal }).catch(() => {});
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

  private async putAside(refused: readonly RefusedItem[]): Promise<void> {
    const { group, publisher, logger } = this.options;
    await Promise.all(
      refused.map(({ record, taken: { code, message } }) => {
        const { topic, partition, offset } = record;
        logger.warn({ topic, partition, offset, code }, message);
        return publisher.publish(deadLetter(record, group, { code, message }));
      }),
    );
  }

  private async count(items: readonly Item[]): Promise<void> {
    const { pool, metrics, graceSeconds, building } = this.options;
    const events = items.filter(isEvent);
    const refused = items.filter(isRefused);
    const unique = eachIdOnce(events);
    const places = await this.dictionary.placesOf(unique.map(({ taken }) => taken));
    const batch = {
      events: unique.map((item, i) => asLedgerEvent(item, places[i]!, graceSeconds * 1_000)),
      refusals: refused.map(asRefusedEvent),
      progress: progressOf(items),
    };
    const { fresh, replaced } = await countBatch(pool, batch, building);
    for (const { taken } of unique) if (taken.failure !== 'unknown') this.settled.add(taken.id);
    const now = Date.now();
    metrics.count('counted', fresh);
    metrics.count('replaced', replaced);
    metrics.count('repeated', items.length - refused.length - fresh - replaced);
    metrics.count('other', places.filter(({ isOther }) => isOther).length);
    for (const { taken } of refused) metrics.count(taken.code, 1);
    for (const { record } of unique) metrics.visibleAfter((now - record.timestamp) / 1_000);
  }
}

const isEvent = (item: Item): item is EventItem =>
  item.taken !== undefined && !(item.taken instanceof OrderlyError);
const isRefused = (item: Item): item is RefusedItem => item.taken instanceof OrderlyError;
