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
    const heartbeat = read(record);
    if (heartbeat instanceof OrderlyError) return refuse(record, heartbeat);
    return heard.add(heartbeat);
  };
}

function read(record: IncomingRecord): KpiHeartbeat | OrderlyError {
  try {
    const parsed = kpiHeartbeat.schema.safeParse(decode(record, maxBytes).data);
    if (parsed.success) return parsed.data;
    const fault = { type: kpiHeartbeat.type, ...faultOf(parsed.error) };
    return new OrderlyError('MessageInvalid', fault);
  } catch (thrown) {
    if (thrown instanceof OrderlyError) return thrown;
    throw thrown;
  }
}
