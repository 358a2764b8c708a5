/** Makes one batch of what came out of many records: each event id once, each partition once. */
import type { OrderlyError } from '../errors';
import { eventOfHeaders } from '../kafka/cloudEvents';
import type { IncomingRecord } from '../kafka/record';
import type { Progress, RefusedEvent } from '../postgres/ledger';
import type { LedgerEvent } from '../postgres/ledgerEvents';
import { eventKey, outranks } from '../postgres/ledgerEvents';
import { minuteMs } from '../postgres/ledgerMinutes';
import type { Place } from './dictionary';
import type { ReadEvent } from './readEvent';

/** A record whose event counts nowhere. */
export interface Refused {
  readonly record: IncomingRecord;
  readonly reason: OrderlyError;
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** Takes records one by one. Of those whose event is taken, or counted already, nothing more is kept. */
export class Gathered {
  /** Of the events with one id the one that holds; the first where none outranks another. */
  private readonly byId = new Map<string, ReadEvent>();
  private readonly partitions = new Map<string, Mutable<Progress>>();
  private latest: Mutable<Progress> | undefined;
  readonly refused: Refused[] = [];
  /** Records, whatever came out of them. */
  size = 0;

  /** @param taken what came out of the record; nothing where its event is known to be counted */
  add(record: IncomingRecord, taken: ReadEvent | OrderlyError | undefined): void {
    this.size++;
    this.pass(record, taken);
    if (taken === undefined) return;
    if (!('at' in taken)) {
      this.refused.push({ record, reason: taken });
      return;
    }
    const known = this.byId.get(taken.id);
    if (known === undefined || outranks(rankOf(taken), rankOf(known))) {
      this.byId.set(taken.id, taken);
    }
  }

  /** Each id once. */
  get events(): ReadEvent[] {
    return [...this.byId.values()];
  }

  /** How far each partition is once all of these are dealt with. */
  get progress(): Progress[] {
    return [...this.partitions.values()];
  }

  private pass(record: IncomingRecord, taken: ReadEvent | OrderlyError | undefined): void {
    const progress = this.progressOf(record);
    progress.nextOffset = Math.max(progress.nextOffset, Number(record.offset) + 1);
    progress.recordTime = Math.max(progress.recordTime, record.timestamp);
    if (taken !== undefined && 'at' in taken) {
      progress.eventTime = Math.max(progress.eventTime ?? 0, taken.at);
    }
  }

  /** Mostly the same as that of the record before. */
  private progressOf({ topic, partition }: IncomingRecord): Mutable<Progress> {
    if (this.latest?.partition === partition && this.latest.topic === topic) return this.latest;
    const name = `${topic}-${partition}`;
    this.latest = this.partitions.get(name) ?? { topic, partition, nextOffset: 0, recordTime: 0 };
    this.partitions.set(name, this.latest);
    return this.latest;
  }
}

/** @param graceMs how long after its end a minute should be complete */
export function asLedgerEvent(
  { id, at, publishedAt, value, reconciled, particulars }: ReadEvent,
  { seriesId, totalId }: Place,
  graceMs: number,
): LedgerEvent {
  const { failure, deployment } = particulars;
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
    late: publishedAt > at - (at % minuteMs) + minuteMs + graceMs,
  };
}

export function asRefusedEvent({ record, reason }: Refused): RefusedEvent {
  const { topic, partition, offset } = record;
  const id = eventOfHeaders(record.headers)?.id ?? `${topic}/${partition}/${offset}`;
  return { key: eventKey(id), topic, reason: reason.code };
}

const rankOf = ({ particulars, at }: ReadEvent) => ({
  provisional: particulars.failure === 'unknown',
  at,
});
