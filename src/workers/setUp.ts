/** What must exist before orders can flow. Every role makes sure of it; all of it is safe to repeat. */
import type { NativeConnection } from '@temporalio/worker';
import type { Kafka } from 'kafkajs';
import type { Pool } from 'pg';
import type { Config } from '../config';
import { ensureTopics, programTopics } from '../kafka/topics';
import type { Catalogue } from '../kpi/catalogue';
import { migrate } from '../postgres/migrate';
import { ensureSearchAttributes } from '../searchAttributes';
import type { Logger } from '../telemetry';

export interface Servers {
  readonly kafka: Kafka;
  readonly pool: Pool;
  /** None for a role that has nothing to do with Temporal. */
  readonly temporal?: NativeConnection;
}

export async function setUp(
  { kafka, pool, temporal }: Servers,
  catalogue: Catalogue,
  config: Config,
  logger: Logger,
): Promise<void> {
  await Promise.all([
    ensureTopics(kafka, programTopics(config, catalogue.namesWithEvents), logger),
    migrate(pool),
    temporal && ensureSearchAttributes(temporal, config.TEMPORAL_NAMESPACE),
  ]);
}
