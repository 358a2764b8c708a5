import type { IncomingRecord, OutgoingRecord } from './record';

export interface DeadLetterReason {
  /** Code of the error catalogue. */
  readonly code: string;
  /** One line without personal data. */
  readonly message: string;
}

export const deadLetterTopic = 'DeadLetterQueue';

/** The record for `DeadLetterQueue`: key, value and headers as they came, with Spring's headers added. */
export function deadLetter(
  _record: IncomingRecord,
  _group: string,
  _reason: DeadLetterReason,
): OutgoingRecord {
  throw new Error('being written');
}
