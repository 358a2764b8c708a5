/** Reading records of topics to which anyone can write. */
import type { z } from 'zod';
import { decode } from '../../kafka/cloudEvents';
import { headerText, type IncomingRecord } from '../../kafka/record';
import type { Message } from '../../messages/message';

export const keyOf = ({ key }: IncomingRecord): string => key?.toString('utf8') ?? '';

/** The id of the event that it carries. */
export const idOf = ({ headers }: IncomingRecord): string | undefined =>
  headerText(headers, 'ce_id');

/** The data of a message; undefined where it is none of these. */
export function dataOf<Schema extends z.ZodType>(
  { schema }: Message<Schema>,
  record: IncomingRecord,
): z.output<Schema> | undefined {
  try {
    return schema.safeParse(decode(record, Number.POSITIVE_INFINITY).data).data;
  } catch {
    return undefined;
  }
}
