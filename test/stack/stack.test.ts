import { existsSync } from 'node:fs';
import { Connection } from '@temporalio/client';
import { Kafka, logLevel } from 'kafkajs';
import { Client } from 'pg';
import { readConfig } from '../../src/config';
import { isRunning } from '../../src/stack/process';
import { readStack, serverNames } from '../../src/stack/record';
import type { ServerStatus } from '../../src/stack/server';
import {
  type Connections,
  connections,
  connectionVariables,
  killServer,
  stackDown,
  stackStatus,
  stackUp,
  startServer,
  stopServer,
} from '../../src/stack/stack';
import { testFolder } from '../support/testFolder';

const config = readConfig({});
const ports = { temporal: { port: 0, uiPort: 0 }, kafka: { port: 0 }, postgres: { port: 0 } };

/** One stack for the file; each test leaves it up. */
describe('the stack', () => {
  const dir = testFolder();
  const processes = () => serverNames.map(name => readStack(dir)[name]?.process);
  const states = async () =>
    Object.values(await stackStatus(dir, config)).map((now: ServerStatus) => now.state);
  let to: Connections;

  beforeAll(async () => {
    to = await stackUp({ dir, config, ports });
  });
  afterAll(() => stackDown(dir, { fresh: true }));

  it('answers at the addresses it names, with the role and database of the configuration', async () => {
    const named = readConfig(connectionVariables(to));
    await temporalAnswers(named.TEMPORAL_ADDRESS, named.TEMPORAL_NAMESPACE);
    expect((await fetch(named.TEMPORAL_UI_URL)).status).toBe(200);
    await withAdmin(named.KAFKA_BROKERS, admin => admin.listTopics());
    const [row] = await rows(named.DATABASE_URL.reveal(), 'select current_database() as database');
    expect(row).toEqual({ database: 'orderly' });
    expect(await states()).toEqual(['running', 'running', 'running']);
  });

  it('is found by a second up, which starts nothing', async () => {
    const before = processes();
    const said: string[] = [];
    const again = await stackUp({ dir, config, onProgress: (_, message) => said.push(message) });
    expect(again).toEqual(to);
    expect(processes()).toEqual(before);
    expect(said).toHaveLength(3);
    for (const message of said) expect(message).toMatch(/^already up at 127\.0\.0\.1:\d+ \(pid/);
  });

  it('starts a server once when two want it at the same time', async () => {
    await stopServer('postgres', dir);
    const start = () => startServer('postgres', { dir, config });
    const [first, second] = await Promise.all([start(), start()]);
    expect(second).toEqual(first);
    expect(first).toEqual(readStack(dir).postgres);
    expect(isRunning(first.process!)).toBe(true);
  });

  it('reports a crashed broker, and starts it again on its port and data only when told', async () => {
    await withAdmin(to.kafka.brokers, admin =>
      admin.createTopics({ topics: [{ topic: 'kept', numPartitions: 1 }], waitForLeaders: true }),
    );
    await killServer('kafka', dir);
    expect(await states()).toEqual(['running', 'crashed', 'running']);

    const said: string[] = [];
    const onProgress = (server: string, message: string) => said.push(`${server} ${message}`);
    await stackUp({ dir, config, onProgress });
    expect(said).toContainEqual(
      expect.stringMatching(/^kafka found crashed .* starting it again$/),
    );
    expect(connections(dir, config)).toEqual(to);
    expect(await withAdmin(to.kafka.brokers, admin => admin.listTopics())).toContain('kept');
    expect(await states()).toEqual(['running', 'running', 'running']);
  });

  it('brings Postgres back with its data after a kill with connections open', async () => {
    await rows(to.postgres.url, 'create table kept (n int); insert into kept values (1)');
    const open = new Client({ connectionString: to.postgres.url });
    const cut = new Promise(resolve => open.on('error', resolve));
    await open.connect();
    await killServer('postgres', dir);
    await cut;
    await startServer('postgres', { dir, config });
    expect(connections(dir, config)).toEqual(to);
    expect(await rows(to.postgres.url, 'select n from kept')).toEqual([{ n: 1 }]);
  });

  it('brings Temporal back on its port after a stop', async () => {
    await stopServer('temporal', dir);
    expect(await states()).toEqual(['stopped', 'running', 'running']);
    await startServer('temporal', { dir, config });
    expect(connections(dir, config)).toEqual(to);
    await temporalAnswers(to.temporal.address, to.temporal.namespace);
  });

  it('leaves no process behind when it goes down, and its data unless told', async () => {
    const own = testFolder();
    const started = await startServer('postgres', { dir: own, config, ports: { port: 0 } });
    await rows(connections(own, config).postgres.url, 'create table kept (n int)');
    await stackDown(own);
    expect(isRunning(started.process!)).toBe(false);
    expect(existsSync(started.data!)).toBe(true);

    await startServer('postgres', { dir: own, config, ports: { port: 0 } });
    const { url } = connections(own, config).postgres;
    expect(await rows(url, 'select n from kept')).toEqual([]);
    await stackDown(own, { fresh: true });
    expect(existsSync(started.data!)).toBe(false);
  });
});

async function temporalAnswers(address: string, namespace: string): Promise<void> {
  const connection = await Connection.connect({ address });
  try {
    await connection.workflowService.describeNamespace({ namespace });
  } finally {
    await connection.close();
  }
}

async function withAdmin<T>(
  brokers: readonly string[],
  work: (admin: ReturnType<Kafka['admin']>) => Promise<T>,
): Promise<T> {
  const admin = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
}

async function rows(url: string, statement: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}
