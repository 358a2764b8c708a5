/** Where everything is measured: servers of its own in a temporary folder, on free ports. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import type { Kafka } from 'kafkajs';
import { newIdPrefix } from '../../src/cli/orders/submission';
import { type Config, readConfig } from '../../src/config';
import { createKafka } from '../../src/kafka/client';
import { createPublisher, type Publisher } from '../../src/kafka/publisher';
import { readKpiCatalogue } from '../../src/kpiCatalogue';
import { createPool } from '../../src/postgres/pool';
import { seedStock } from '../../src/postgres/stock';
import { superuserUrl } from '../../src/stack/postgres';
import { readStack, type ServerName, type ServerRecord } from '../../src/stack/record';
import { connectionVariables, stackDown, stackUp } from '../../src/stack/stack';
import { createLogger } from '../../src/telemetry';
import { connectNative, createClient } from '../../src/temporal';
import { setUp } from '../../src/workers/setUp';
import { products } from './orders';

export interface Stage {
  readonly config: Config;
  /** For the processes under test. */
  readonly env: NodeJS.ProcessEnv;
  readonly kafka: Kafka;
  readonly publisher: Publisher;
  readonly client: Client;
  /** Connection string of an account that may create databases. */
  readonly adminUrl: string;
  /** Where each server is from. */
  readonly sources: Readonly<Record<ServerName, string>>;
  /** Process id of each server. */
  readonly servers: Readonly<Record<ServerName, number>>;
  close(): Promise<void>;
}

/** For every process that is measured, the bare worker too; what deploy/Dockerfile sets. */
const processEnv = { LOG_LEVEL: 'error', NODE_OPTIONS: '--max-semi-space-size=64' };

/** Servers with topics, tables, search attributes and plenty of stock; `close` leaves nothing behind. */
export async function openStage(): Promise<Stage> {
  const dir = mkdtempSync(join(tmpdir(), newIdPrefix('orderly-bench')));
  // Postgres may have to run as another account, which must be able to enter.
  chmodSync(dir, 0o755);
  const clear = async () => {
    await stackDown(dir, { fresh: true });
    rmSync(dir, { recursive: true, force: true });
  };
  try {
    return await setStage(dir, clear);
  } catch (thrown) {
    await clear();
    throw thrown;
  }
}

async function setStage(dir: string, clear: () => Promise<void>): Promise<Stage> {
  const ports = { temporal: { port: 0, uiPort: 0 }, kafka: { port: 0 }, postgres: { port: 0 } };
  const to = await stackUp({ dir, config: readConfig(), ports });
  const env = { ...process.env, ...processEnv, ...connectionVariables(to) };
  const config = readConfig(env);
  const logger = createLogger(config, 'bench');
  const kafka = createKafka(config, 'orderly-bench', logger);
  const pool = createPool(config, logger);
  const temporal = await connectNative(config);
  await setUp({ kafka, pool, temporal }, readKpiCatalogue(), config, logger);
  await seedStock(pool, products);
  await pool.end();
  // Whoever sends an order is not part of what is measured: it waits for no company.
  const publisher = await createPublisher(kafka, { logger, maxQueued: 100_000, lingerMs: 0 });
  const started = readStack(dir);
  const each = <T>(of: (record: ServerRecord) => T) => ({
    temporal: of(started.temporal!),
    kafka: of(started.kafka!),
    postgres: of(started.postgres!),
  });
  return {
    ...{ config, env, kafka, publisher, client: createClient(temporal, config) },
    adminUrl: await superuserUrl(started.postgres!.address, started.postgres!.data!),
    sources: each(({ source }) => source),
    servers: each(record => record.process!.pid),
    async close() {
      await publisher.stop();
      await temporal.close();
      await clear();
    },
  };
}
