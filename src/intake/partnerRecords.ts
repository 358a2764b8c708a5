/**
 * What partners report: every record ends as done or late, or as a dead letter with the reason where it can never
 * be. The handler resolves only when that is durable; a throw means "not now", and it is tried again.
 */
import type { z } from 'zod';
import { OrderlyError } from '../errors';
import { decode } from '../kafka/cloudEvents';
import { publishDeadLetter } from '../kafka/deadLetter';
import type { Publisher } from '../kafka/publisher';
import type { IncomingRecord } from '../kafka/record';
import { faultOf, type TopicMessage } from '../messages/message';
import type { Logger } from '../telemetry';
import { originOf } from './identity';
import type { RecordMetrics } from './metrics';

/** What became of a valid record: done, or late, where it came too late to change anything. */
export type PartnerResult = 'done' | 'late';

/** What is done with the records of one topic. */
export interface PartnerRoute {
  readonly topic: string;
  /** @throws OrderlyError: one that is transient is tried again, any other makes a dead letter. */
  take(data: unknown, origin: string): Promise<PartnerResult>;
}

/**
 * A route whose `handle` is given valid data. It may be called again for the same `origin`, which names
 * the submission, and is idempotent.
 */
export const partnerRoute = <Schema extends z.ZodType>(
  { type, topic, schema }: TopicMessage<Schema>,
  handle: (data: z.output<Schema>, origin: string) => Promise<PartnerResult>,
): PartnerRoute => ({
  topic,
  async take(data, origin) {
    const parsed = schema.safeParse(data);
    if (!parsed.success)
      throw new OrderlyError('MessageInvalid', { type, ...faultOf(parsed.error) });
    return await handle(parsed.data, origin);
  },
});

export interface PartnerRecordsOptions {
  readonly routes: readonly PartnerRoute[];
  readonly publisher: Pick<Publisher, 'publish'>;
  /** The consumer group, which a dead letter names. */
  readonly group: string;
  readonly maxBytes: number;
  readonly metrics: RecordMetrics;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
}

/** The handler of one record of any of the topics. */
export function createPartnerRecords(
  options: PartnerRecordsOptions,
): (record: IncomingRecord) => Promise<void> {
  const { publisher, group, maxBytes, metrics, logger } = options;
  const routes = new Map(options.routes.map(route => [route.topic, route]));
  return async record => {
    const { topic, partition, offset } = record;
    try {
      const { data, event } = decode(record, maxBytes);
      const route = routes.get(topic);
      if (route === undefined) throw new Error(`nothing is done with ${topic}`);
      metrics.count(await route.take(data, originOf(record, event)));
    } catch (thrown) {
      if (!(thrown instanceof OrderlyError) || thrown.transient) throw thrown;
      const { code, message, parameters } = thrown;
      logger.warn({ topic, partition, offset, code, orderId: parameters.orderId }, message);
      await publishDeadLetter(publisher, record, group, { code, message });
      metrics.count(code);
    }
  };
}
