/** Refusing a record: its row, its dead letter and its KPI event are all down before its offset is. */
import type { Pool } from 'pg';
import { Batcher } from '../batcher';
import type { OrderlyError } from '../errors';
import { publishDeadLetter } from '../kafka/deadLetter';
import type { Publisher } from '../kafka/publisher';
import type { IncomingRecord, OutgoingRecord } from '../kafka/record';
import type { OrderRefused } from '../kpi/occurrence';
import { occurrenceId } from '../kpi/occurrence';
import { type NotedRefusal, type RefusalEntry, registerRefusals } from '../postgres/register';
import { originDigest } from './identity';
import { receivedAt } from './receivedAt';

export interface RefuserOptions {
  readonly pool: Pool;
  readonly publisher: Pick<Publisher, 'publish'>;
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
  const refusals = new Batcher<RefusalEntry, NotedRefusal>({
    run: entries => registerRefusals(pool, entries),
    maxItems: 200,
  });
  return async ({ record, origin, error, orderId, synthetic = false, traceparent }) => {
    const { code, message } = error;
    const digest = originDigest(origin);
    const entry = {
      originDigest: digest,
      kind: code,
      orderId,
      synthetic,
      at: receivedAt(record, Date.now()),
    };
    // The event tells what was first noted: its id is that of the submission, which may come again.
    const noted = await refusals.add(entry);
    const occurrence: OrderRefused = {
      occurrence: 'order-refused',
      id: occurrenceId.refused(digest),
      ...noted,
      versionAt: noted.at,
      traceparent,
    };
    const events = kpiRecords(occurrence).map(event => publisher.publish(event));
    await Promise.all([
      ...events,
      needsDeadLetter(error) && publishDeadLetter(publisher, record, group, { code, message }),
    ]);
  };
}
