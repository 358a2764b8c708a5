/** When an order was received: the time of its record. */
import type { IncomingRecord } from '../kafka/record';

/** Kafka's first year: no record is older. */
const earliest = Date.UTC(2011, 0);

/** As far as the ledger lets clocks run ahead. */
const aheadMs = 5 * 60_000;

/**
 * Who sends a record may set its time to any number of 64 bits: a clock that is wrong, microseconds, none
 * at all. Where it can not be right the time of reading counts, so that the order is taken all the same,
 * and no latency is that of half a century.
 * @param now milliseconds since the epoch, as the answer
 */
export const receivedAt = (
  { timestamp }: Pick<IncomingRecord, 'timestamp'>,
  now: number,
): number => (timestamp >= earliest && timestamp <= now + aheadMs ? timestamp : now);
