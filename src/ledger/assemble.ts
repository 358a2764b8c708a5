/** Makes one batch of what came out of many records: each event id once, each partition once. */
import type { OrderlyError } from '../errors';
import { eventOfHeaders } from '../kafka/cloudEvents';
import type { IncomingRecord } from '../kafka/record';
import type { LedgerEvent, Progress, RefusedEvent } from '../postgres/ledger';
import { eventKey, outranks } from '../postgres/ledgerEvents';
import { minuteMs } from '../postgres/ledgerMinutes';
import type { Place } from './dictionary';
import type { ReadEvent } from './readEvent';

/** A record and what came out of it; nothing where its event is known to be counted. */
export interface Item {
  readonly record: IncomingRecord;
  readonly taken?: ReadEvent | OrderlyError;
}

/** A record whose event may count. */
export interface EventItem extends Item {
  readonly taken: ReadEvent;
}

/** A record whose event counts nowhere. */
export interface RefusedItem extends Item {
  readonly taken: OrderlyError;
}

/** Of events with one id the one that holds; the first where none outranks another. */
export function eachIdOnce(items: readonly EventItem[]): EventItem[] {
  const byId = new Map<string, EventItem>();
  for (const item of items) {
    const known = byId.get(item.taken.id);
    if (known === undefined || outranks(rankOf(item), rankOf(known))) {
      byId.set(item.taken.id, item);
    }
  }
  return [...byId.values()];
}

/** @param graceMs how long after its end a minute should be complete */
export function asLedgerEvent(
  { taken, record }: EventItem,
  { seriesId, totalId }: Place,
  graceMs: number,
): LedgerEvent {
  const { id, at, value, failure, reconciled, deployment } = taken;
  return {
    key: eventKey(id),
    id,
    at,
    value,
    seriesId,
    totalId,
    provisional: failure === 'unknown',
    mayReplace: failure !== undefined,
    reconciled,
    deployment,
    late: record.timestamp > at - (at % minuteMs) + minuteMs + graceMs,
  };
}

export function asRefusedEvent({ record, taken }: RefusedItem): RefusedEvent {
  const { topic, partition, offset } = record;
  const id = eventOfHeaders(record.headers)?.id ?? `${topic}/${partition}/${offset}`;
  return { key: eventKey(id), topic, reason: taken.code };
}

/** How far each partition is once all of these are dealt with. */
export function progressOf(items: readonly Item[]): Progress[] {
  const partitions = new Map<string, Progress>();
  for (const { record, taken } of items) {
    const { topic, partition, offset, timestamp } = record;
    const name = `${topic}-${partition}`;
    const before = partitions.get(name);
    partitions.set(name, {
      topic,
      partition,
      nextOffset: Math.max(before?.nextOffset ?? 0, Number(offset) + 1),
      recordTime: Math.max(before?.recordTime ?? 0, timestamp),
      eventTime:
        taken && 'at' in taken ? Math.max(before?.eventTime ?? 0, taken.at) : before?.eventTime,
    });
  }
  return [...partitions.values()];
}

const rankOf = ({ taken }: EventItem) => ({
  provisional: taken.failure === 'unknown',
  at: taken.at,
});
