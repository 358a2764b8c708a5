/** Takes the heartbeats of the producers into the ledger. */
import type { Pool } from 'pg';
import { Batcher } from '../batcher';
import { OrderlyError } from '../errors';
import { decode } from '../kafka/cloudEvents';
import type { IncomingRecord } from '../kafka/record';
import { type KpiHeartbeat, kpiHeartbeat } from '../messages/kpiHeartbeat';
import { faultOf } from '../messages/message';
import { noteHeartbeats } from '../postgres/producers';

export interface HeartbeatsOptions {
  readonly pool: Pool;
  /** Puts aside what is no heartbeat; resolves when it is durably dealt with. */
  readonly refuse: (record: IncomingRecord, error: OrderlyError) => Promise<void>;
}

const maxBatch = 500;
const maxBytes = 1024 * 1024;

/** Clocks may differ by so much, as for the events themselves. */
const aheadMs = 5 * 60_000;

/** Kafka's protocol and the column alike hold 32 bits. */
const largestPartition = 2 ** 31 - 1;

/** The handler of one record of the topic `KpiHeartbeat`. Concurrent calls share a transaction. */
export function createHeartbeats({
  pool,
  refuse,
}: HeartbeatsOptions): (record: IncomingRecord) => Promise<void> {
  const heard = new Batcher<KpiHeartbeat, void>({
    run: heartbeats => noteHeartbeats(pool, heartbeats),
    maxItems: maxBatch,
  });
  return async record => {
    const heartbeat = read(record, Date.now());
    if (heartbeat instanceof OrderlyError) return refuse(record, heartbeat);
    return heard.add(heartbeat);
  };
}

function read(record: IncomingRecord, now: number): KpiHeartbeat | OrderlyError {
  try {
    const parsed = kpiHeartbeat.schema.safeParse(decode(record, maxBytes).data);
    if (!parsed.success) {
      const fault = { type: kpiHeartbeat.type, ...faultOf(parsed.error) };
      return new OrderlyError('MessageInvalid', fault);
    }
    const detail = implausible(parsed.data, now);
    if (detail !== undefined) return new OrderlyError('KpiHeartbeatImplausible', { detail });
    return parsed.data;
  } catch (thrown) {
    if (thrown instanceof OrderlyError) return thrown;
    throw thrown;
  }
}

/**
 * What no process can truly say, since it would vouch for windows of a time that has not come, or of which
 * it can not know. A sequence that goes back, and offsets that nobody wrote, need no refusal: the one tells
 * nothing new, and of the other nothing ever counts as done.
 */
function implausible(heartbeat: KpiHeartbeat, now: number): string | undefined {
  const startedAt = Date.parse(heartbeat.startedAt);
  const settledAt = Date.parse(heartbeat.settledAt);
  const sentAt = Date.parse(heartbeat.sentAt);
  if (sentAt > now + aheadMs) return 'sentAt is still to come';
  if (startedAt > sentAt) return 'it was sent before its process started';
  if (settledAt > sentAt) return 'it knows what is settled after it was sent';
  const beyond = heartbeat.acknowledged.find(({ partition }) => partition > largestPartition);
  if (beyond !== undefined) return `Kafka has no partition ${beyond.partition}`;
  return undefined;
}
