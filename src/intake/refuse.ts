/** Refusing a record: its row, its dead letter and its KPI event are all down before its offset is. */
import type { Pool } from 'pg';
import { Batcher } from '../batcher';
import type { OrderlyError } from '../errors';
import { deadLetter } from '../kafka/deadLetter';
import type { Publisher } from '../kafka/publisher';
import type { IncomingRecord, OutgoingRecord } from '../kafka/record';
import type { OrderRefused } from '../kpi/occurrence';
import { occurrenceId } from '../kpi/occurrence';
import { type RefusalEntry, registerRefusals } from '../postgres/register';
import { originDigest } from './identity';

export interface RefuserOptions {
  readonly pool: Pool;
  readonly publisher: Publisher;
  readonly group: string;
  readonly kpiRecords: (occurrence: OrderRefused) => readonly OutgoingRecord[];
}

export interface RefusedRecord {
  readonly record: IncomingRecord;
  readonly origin: string;
  readonly error: OrderlyError;
  readonly orderId?: string;
  readonly synthetic?: boolean;
  readonly traceparent?: string;
}

export type Refuse = (refused: RefusedRecord) => Promise<void>;

/** A duplicate is no dead letter: its order runs already, and nothing of it needs to be replayed. */
const needsDeadLetter = ({ code }: OrderlyError): boolean => code !== 'DuplicateOrder';

export function createRefuser({ pool, publisher, group, kpiRecords }: RefuserOptions): Refuse {
  const refusals = new Batcher<RefusalEntry, void>({
    run: entries => registerRefusals(pool, entries),
    maxItems: 200,
  });
  return async ({ record, origin, error, orderId, synthetic, traceparent }) => {
    const digest = originDigest(origin);
    const occurrence: OrderRefused = {
      occurrence: 'order-refused',
      id: occurrenceId.refused(digest),
      kind: error.code,
      at: record.timestamp,
      versionAt: record.timestamp,
      synthetic: synthetic === true,
      traceparent,
    };
    const records = [...kpiRecords(occurrence)];
    if (needsDeadLetter(error)) {
      records.push(deadLetter(record, group, { code: error.code, message: error.message }));
    }
    await Promise.all([
      refusals.add({ originDigest: digest, kind: error.code, orderId, at: record.timestamp }),
      ...records.map(outgoing => publisher.publish(outgoing)),
    ]);
  };
}
