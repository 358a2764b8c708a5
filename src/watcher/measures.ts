/** What the watcher looks at from outside: whether others do their part, be they up or down. */
import type { Kafka } from 'kafkajs';
import type { Pool } from 'pg';
import { OrderlyError } from '../errors';
import { readLag } from '../kafka/lag';
import type { Catalogue } from '../kpi/catalogue';
import { coverageOf } from '../kpi/coverage';
import { untilCounted } from './ledgerProgress';

/**
 * The records of the intake's topic, over all partitions, that its group has not committed as done.
 * @throws OrderlyError KafkaUnavailable
 */
export async function intakeLag(kafka: Kafka, group: string, topic: string) {
  const partitions = await readLag(kafka, group, [topic]);
  const amount = partitions.reduce((sum, { records }) => sum + records, 0);
  return [{ source: 'intake-lag', amount }];
}

/**
 * How long it takes, in seconds, until all that is on these topics by now is counted and can be read; how long
 * it was waited for, where that is too long to wait for its end.
 * @throws OrderlyError KafkaUnavailable, PostgresUnavailable
 */
export async function dataFreshness(kafka: Kafka, pool: Pool, topics: readonly string[]) {
  const begin = performance.now();
  await untilCounted(kafka, pool, topics).catch(thrown => {
    if (!(thrown instanceof OrderlyError && thrown.code === 'LedgerBehind')) throw thrown;
  });
  return [{ source: 'data-freshness', amount: (performance.now() - begin) / 1_000 }];
}

/** The activity types and workflow types there are, by whether a definition in force observes them. */
export const kpiCoverage = (catalogue: Catalogue, at: number) =>
  (['activity', 'workflow'] as const).flatMap(kind =>
    [true, false].map(observed => ({
      source: 'kpi-coverage',
      kind,
      result: observed ? 'observed' : 'unobserved',
      amount: coverageOf(catalogue, at).filter(
        type => type.kind === kind && type.observed === observed,
      ).length,
    })),
  );
