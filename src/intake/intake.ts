/**
 * Intake: every record of `OrderReceived` ends as exactly one of
 *
 * - a workflow: the order is new (or was registered by an intake that died before it could start it);
 * - nothing more: a redelivery of an order that was started;
 * - a refusal: a duplicate, a conflict, or what can't be read, with its dead letter where it has one.
 *
 * The handler resolves only when that is durable. A throw means "not now" (Temporal, Postgres or Kafka
 * is away), and the record is tried again.
 */

import type { Pool } from 'pg';
import { Batcher } from '../batcher';
import { orderWorkflowId } from '../domain/ids';
import { OrderlyError } from '../errors';
import type { IncomingRecord } from '../kafka/record';
import { groupCommit } from '../postgres/groupCommit';
import { type Entry, markStarted, registerBatch } from '../postgres/register';
import { type Logger, traceIdOf } from '../telemetry';
import { digestOf, digestVersion } from './identity';
import type { RecordMetrics } from './metrics';
import type { Refuse } from './refuse';
import type { StartOrder } from './start';
import type { Gate } from './startGate';
import { type TakenOrder, take } from './take';

export interface IntakeOptions {
  readonly pool: Pool;
  readonly gate: Gate;
  readonly startOrder: StartOrder;
  /** Starts under way at once. */
  readonly startsInFlight: number;
  readonly refuse: Refuse;
  readonly maxBytes: number;
  readonly metrics: RecordMetrics;
  readonly logger: Logger;
}

const maxBatch = 200;

/** Nobody waits for the note that an order was started, so that many can share one statement. */
const markLingerMs = 50;

/** The handler of one record of `OrderReceived`. Concurrent calls share their statements, and fail alone. */
export function createIntake(options: IntakeOptions): (record: IncomingRecord) => Promise<void> {
  const { pool, gate, startOrder, startsInFlight, refuse, maxBytes, metrics, logger } = options;
  const register = groupCommit((entries: readonly Entry[]) => registerBatch(pool, entries));
  const starts = new Batcher<TakenOrder, void>({
    run: async ([taken]) => taken && startOrder(taken),
    maxItems: 1,
    lanes: startsInFlight,
  });
  const marks = new Batcher<string, void>({
    run: orderIds => markStarted(pool, orderIds),
    maxItems: maxBatch,
    lingerMs: markLingerMs,
  });

  const run = async (taken: TakenOrder): Promise<void> => {
    const { orderId } = taken.order;
    await gate(orderId, () => starts.add(taken));
    await marks.add(orderId);
    logger.debug(namesOf(taken), 'order started');
  };

  const refuseOrder = (record: IncomingRecord, taken: TakenOrder, code: RefusalCode) => {
    const { orderId, synthetic } = taken.order;
    const error = new OrderlyError(code, { orderId });
    const { origin, traceparent } = taken;
    const level = code === 'DuplicateOrder' ? 'info' : 'warn';
    logger[level]({ ...placeOf(record), code, ...namesOf(taken) }, error.message);
    return refuse({ record, origin, error, orderId, synthetic, traceparent });
  };

  return async record => {
    const taken = take(record, maxBytes);
    if ('error' in taken) {
      const { code, message } = taken.error;
      logger.warn({ ...placeOf(record), code, traceId: traceIdOf(taken.traceparent) }, message);
      await refuse({ record, origin: taken.origin, error: taken.error });
      return metrics.count(code);
    }
    const { order } = taken;
    const verdict = await register(entryOf(order));
    switch (verdict.kind) {
      case 'new':
        await run(order);
        return metrics.count('started');
      case 'redelivery':
        if (!verdict.started) await run(order);
        return metrics.count('redelivered');
      case 'duplicate':
        await refuseOrder(record, order, 'DuplicateOrder');
        return metrics.count('DuplicateOrder');
      case 'conflict':
        await refuseOrder(record, order, 'ConflictingOrder');
        return metrics.count('ConflictingOrder');
    }
  };
}

type RefusalCode = 'DuplicateOrder' | 'ConflictingOrder';

const entryOf = ({ order, origin, digest, receivedAt }: TakenOrder): Entry => ({
  orderId: order.orderId,
  origin,
  digestVersion,
  digestFor: version => (version === digestVersion ? digest : digestOf(order, version)),
  receivedAt,
});

/** As whoever looks for one order finds it: here, in Temporal and in its trace. */
const namesOf = ({ order: { orderId }, traceparent }: TakenOrder) => ({
  orderId,
  workflowId: orderWorkflowId(orderId),
  traceId: traceIdOf(traceparent),
});

const placeOf = ({ topic, partition, offset }: IncomingRecord) => ({ topic, partition, offset });
