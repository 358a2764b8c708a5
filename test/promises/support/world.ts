/**
 * A small world for one test file: Temporal, Kafka and Postgres of its own, which it may break, and the
 * roles of the built program as processes of their own.
 *
 * Tests look at the servers with plain clients: what the program says of itself proves nothing.
 */
import { rmSync } from 'node:fs';
import { Client, Connection } from '@temporalio/client';
import { type Admin, Kafka, logLevel } from 'kafkajs';
import pg from 'pg';
import pino from 'pino';
import { readConfig } from '../../../src/config';
import { ensureTopics, programTopics } from '../../../src/kafka/topics';
import { readKpiCatalogue } from '../../../src/kpiCatalogue';
import { migrate } from '../../../src/postgres/migrate';
import { seedStock } from '../../../src/postgres/stock';
import { accepts } from '../../../src/stack/ports';
import { readStack } from '../../../src/stack/record';
import {
  connectionVariables,
  killServer,
  stackDown,
  stackUp,
  startServer,
  stopServer,
} from '../../../src/stack/stack';
import { testFolder } from '../../support/testFolder';
import { waitFor } from '../../support/waitFor';
import { type Answer, RoleProcess, runCommand } from './roleProcess';

export type ServerName = Parameters<typeof startServer>[0];
export type RoleName = 'intake' | 'order-worker' | 'ledger' | 'watcher' | 'partners';

const ports = { temporal: { port: 0, uiPort: 0 }, kafka: { port: 0 }, postgres: { port: 0 } };

/** How many partitions every topic of a world has, but for those of KPIs. */
export const partitions = 6;

export interface World {
  readonly kafka: Kafka;
  readonly admin: Admin;
  readonly temporal: Client;
  readonly brokers: readonly string[];
  /** `host:port` each */
  readonly temporalAddress: string;
  readonly postgresAddress: string;
  /** Runs one statement on a connection that survives restarts of the server. */
  sql<Row extends pg.QueryResultRow>(text: string, values?: readonly unknown[]): Promise<Row[]>;
  /** For the project's own readers. */
  readonly pool: pg.Pool;
  /** A connection of the test's own, outside the pool. */
  connect(): Promise<pg.Client>;
  /** Runs a command of the program to its end; answers with its exit code and what it printed. */
  command(args: readonly string[], settings?: Readonly<Record<string, string>>): Promise<Answer>;
  /** Starts a role and returns once it is ready. */
  start(role: RoleName, settings?: Readonly<Record<string, string>>): Promise<RoleProcess>;
  stopServer(name: ServerName): Promise<void>;
  /** kill -9 */
  killServer(name: ServerName): Promise<void>;
  startServer(name: ServerName): Promise<void>;
  /** Takes all data away from Temporal, as if its retention had passed. Its clients start anew. */
  emptyTemporal(): Promise<void>;
  /** Runs a test's body; when it fails, shows what the roles logged. */
  run(body: () => Promise<void>): () => Promise<void>;
  close(): Promise<void>;
}

/** Pieces on hand by product code; every product costs 5.00 EUR. */
export type Stock = Readonly<Record<string, number>>;

export async function openWorld(stock: Stock): Promise<World> {
  const dir = testFolder();
  const to = await stackUp({ dir, config: readConfig({}), ports });
  const variables = {
    ...connectionVariables(to),
    KAFKA_PARTITIONS: String(partitions),
    // Here an intake may have to start all its orders while no order worker runs.
    INTAKE_OPEN_ORDERS: '100000',
  };
  const config = readConfig(variables);
  const kafka = plainKafka(to.kafka.brokers);
  const admin = kafka.admin();
  const pool = new pg.Pool({ connectionString: to.postgres.url, max: 4 });
  pool.on('error', () => {});
  const [connection] = await Promise.all([
    Connection.connect({ address: to.temporal.address }),
    admin.connect(),
    ensureTopics(kafka, programTopics(config, readKpiCatalogue().namesWithEvents), silent),
    migrate(pool),
  ]);
  await seedStock(
    pool,
    Object.entries(stock).map(([productCode, onHand]) => ({ ...priced, productCode, onHand })),
  );

  const roles: RoleProcess[] = [];
  const serverOptions = { dir, config };
  return {
    kafka,
    admin,
    temporal: new Client({ connection, namespace: to.temporal.namespace }),
    brokers: to.kafka.brokers,
    temporalAddress: to.temporal.address,
    postgresAddress: new URL(to.postgres.url).host,
    pool,
    sql: async (text, values = []) => (await pool.query(text, [...values])).rows,
    async connect() {
      const client = new pg.Client({ connectionString: to.postgres.url });
      client.on('error', () => {});
      await client.connect();
      return client;
    },
    command: (args, settings = {}) => runCommand(args, { ...variables, ...settings }),
    async start(name, settings = {}) {
      const role = await RoleProcess.start(name, { ...variables, ...settings }, dir);
      roles.push(role);
      await role.ready();
      return role;
    },
    stopServer: name => stopServer(name, dir),
    killServer: name => killServer(name, dir),
    async startServer(name) {
      await startServer(name, serverOptions);
      if (name === 'kafka') await waitFor(() => isInService(admin), 'the broker');
    },
    async emptyTemporal() {
      await stopServer('temporal', dir);
      rmSync(readStack(dir).temporal!.data!, { recursive: true });
      await startServer('temporal', serverOptions);
    },
    run: body => async () => {
      try {
        await body();
      } catch (failure) {
        for (const role of roles) process.stderr.write(`${role.tail()}\n`);
        throw failure;
      }
    },
    async close() {
      await Promise.all(roles.map(role => role.end('SIGKILL')));
      await Promise.all([admin.disconnect(), pool.end(), connection.close()]);
      await stackDown(dir, { fresh: true });
    },
  };
}

/** A broker answers a while before it leads its partitions again and knows its groups. */
async function isInService(admin: Admin): Promise<boolean> {
  try {
    for (const topic of await admin.listTopics()) await admin.fetchTopicOffsets(topic);
    await admin.fetchOffsets({ groupId: 'orderly-intake' });
    return true;
  } catch {
    return false;
  }
}

/** Whether nobody listens at `host:port` now. */
export async function refusesConnections(address: string): Promise<boolean> {
  const [host, port] = address.split(':');
  const failure = await accepts(host!, Number(port)).catch((thrown: Error) => thrown);
  return failure?.message.includes('ECONNREFUSED') === true;
}

/** Of every product, in minor units of EUR. */
export const unitPrice = 500;

const priced = { price: unitPrice, currency: 'EUR' } as const;
const silent = pino({ level: 'silent' });

/** The client library without any of our settings but patience. */
function plainKafka(brokers: readonly string[]): Kafka {
  return new Kafka({
    brokers: [...brokers],
    logLevel: logLevel.NOTHING,
    retry: { initialRetryTime: 100, retries: 10 },
  });
}
