import { setTimeout as sleep } from 'node:timers/promises';
import type { Kafka } from 'kafkajs';
import type { Pool } from 'pg';
import { OrderlyError } from '../errors';
import { endOfFilled } from '../kafka/reader';
import { countedOffsets } from '../postgres/reconciliation';

const pollMs = 100;

/**
 * Resolves once the ledger has counted everything that was on the topics when this was called: an event
 * that it has not come to yet is not a missing one.
 * @throws OrderlyError LedgerBehind after `patienceMs`
 */
export async function untilCounted(
  kafka: Kafka,
  pool: Pool,
  topics: readonly string[],
  patienceMs = 30_000,
): Promise<void> {
  const ends = await endOfFilled(kafka, topics);
  const wanted = [...ends].flatMap(([topic, places]) =>
    [...places].map(([partition, end]) => ({ topic, partition, end: Number(end) })),
  );
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const counted = await countedOffsets(pool);
    const behind = wanted.find(
      ({ topic, partition, end }) => (counted.get(`${topic}/${partition}`) ?? 0) < end,
    );
    if (behind === undefined) return;
    if (Date.now() > deadline) throw new OrderlyError('LedgerBehind', { topic: behind.topic });
    await sleep(pollMs);
  }
}
