/**
 * What names a submission, by docs/architecture.md, written anew: the checks of the demonstration share
 * no code with the intake that they check.
 */
import { headerText, type IncomingRecord } from '../../kafka/record';
import { deadLetterHeaders as names } from '../../messages/deadLetterQueue';

/** Of a record of `OrderReceived`. */
export function originOfReceived(record: IncomingRecord): string {
  const { topic, partition, offset } = record;
  return eventIn(record) ?? `${topic}/${partition}/${offset}`;
}

/** Of the record that a dead letter holds: the same as that record had. */
export function originOfDeadLetter(record: IncomingRecord): string {
  const [topic, partition, offset] = [
    names.originalTopic,
    names.originalPartition,
    names.originalOffset,
  ].map(name => headerText(record.headers, name));
  return eventIn(record) ?? `${topic}/${partition}/${offset}`;
}

function eventIn({ headers }: IncomingRecord): string | undefined {
  const [version, source, id] = ['ce_specversion', 'ce_source', 'ce_id'].map(name =>
    headerText(headers, name),
  );
  return version === '1.0' && source && id ? JSON.stringify([source, id]) : undefined;
}
