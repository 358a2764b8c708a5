import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';
import type { Config } from '../config';
import { securityOf } from '../kafka/security';
import { type Address, addressOf, at } from './address';
import { classArchive, java, javaVersion } from './jvm';
import { kafkaFromMaven } from './kafkaFromMaven';
import type { ServerKind, Source } from './kind';
import { freePort } from './ports';
import type { Command } from './process';
import { run } from './run';
import { versions } from './versions';

/** One Kafka broker that is its own controller (KRaft). */
export const kafka: ServerKind = {
  name: 'kafka',
  title: 'Kafka',
  variable: 'KAFKA_BROKERS',
  install:
    'Install Java 17 and Maven (apt-get install openjdk-17-jre-headless maven), or set ORDERLY_KAFKA_HOME to an unpacked Kafka 4, or KAFKA_BROKERS to a running broker.',
  stopSignal: 'SIGTERM',

  address: config => addressOf(config.KAFKA_BROKERS[0]!),

  sources: config => [
    ...given(config),
    { name: `Maven ${versions.kafka.artifact} ${versions.kafka.version}`, find: kafkaFromMaven },
  ],

  dataFolder: folder => folder,

  async prepare(home, { address, data }) {
    const jars = join(home, 'libs');
    const archive = await classArchive(jars, (path, folder) => rehearse(jars, path, folder));
    const flags = archive === undefined ? [] : [`-XX:SharedArchiveFile=${archive}`];
    return brokerCommand(jars, flags, address, data);
  },

  isSecured(config) {
    const { ssl, sasl } = securityOf(config);
    return ssl !== false || sasl !== undefined;
  },

  probe: (address, config) => probe(address, securityOf(config)),
};

async function probe(
  address: Address,
  security: Partial<ReturnType<typeof securityOf>> = {},
): Promise<void> {
  const client = new Kafka({
    ...security,
    brokers: [at(address)],
    logLevel: logLevel.NOTHING,
    connectionTimeout: 2_000,
    requestTimeout: 5_000,
    retry: { retries: 0 },
  });
  const admin = client.admin();
  try {
    await admin.connect();
    const { brokers } = await admin.describeCluster();
    if (brokers.length === 0) throw new Error('the cluster has no live broker yet');
  } finally {
    await admin.disconnect();
  }
}

function given(config: Config): Source[] {
  const home = config.ORDERLY_KAFKA_HOME;
  if (home === undefined) return [];
  const find = async () => {
    const jars = await readdir(join(home, 'libs')).catch(() => [] as string[]);
    if (!jars.some(jar => /^kafka_\d/.test(jar))) throw new Error(`${home}/libs has no broker`);
    await javaVersion();
    return home;
  };
  return [{ name: 'ORDERLY_KAFKA_HOME', find }];
}

/** Makes the data folder a formatted one, and says how to run a broker on it. */
async function brokerCommand(
  jars: string,
  flags: readonly string[],
  address: Address,
  data: string,
): Promise<Command> {
  // The broker shares the machine: a small heap, the collector with the fewest threads, and no second
  // compilation, a third of its CPU until it is warm.
  const frugal = ['-Xms256m', '-Xmx512m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
  const logging = ['defaultLogLevel=warn', 'showDateTime=true'].map(
    setting => `-Dorg.slf4j.simpleLogger.${setting}`,
  );
  const jvm = [...frugal, ...logging, ...flags, '-cp', join(jars, '*')];
  const logs = join(data, 'logs');
  const properties = join(data, 'server.properties');
  await writeFile(properties, serverProperties(address, await freePort(), logs));
  if (!existsSync(join(logs, 'meta.properties'))) {
    const id = randomUUID().replaceAll('-', '').slice(0, 22);
    const format = ['kafka.tools.StorageTool', 'format', '-g', '-t', id, '-c', properties];
    await run(java(), [...jvm, ...format]);
  }
  return { file: java(), args: [...jvm, 'kafka.Kafka', properties] };
}

/**
 * Runs a broker once, until it answers, so that Java writes down which classes that takes.
 * @throws Error where it does not answer
 */
async function rehearse(jars: string, archive: string, folder: string): Promise<void> {
  const address = { host: '127.0.0.1', port: await freePort() };
  const { file, args } = await brokerCommand(jars, [], address, folder);
  const recorded = [file, `-XX:ArchiveClassesAtExit=${archive}`, ...args];
  // It ends with its standard input, so that it can't outlive this process.
  const untilInputEnds =
    'exec 3<&0; "$@" & broker=$!; { cat <&3 > /dev/null; kill $broker; } & wait $broker';
  const broker = spawn('sh', ['-c', untilInputEnds, 'sh', ...recorded], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  let isOver = false;
  const ended = once(broker, 'exit').finally(() => {
    isOver = true;
  });
  const deadline = Date.now() + 30_000;
  let answered = await answers(address);
  while (!answered && !isOver && Date.now() < deadline) {
    await delay(50);
    answered = await answers(address);
  }
  broker.stdin.end();
  await ended;
  if (!answered) throw new Error('the broker did not answer');
  await rm(join(folder, 'logs'), { recursive: true, force: true });
}

const answers = (address: Address): Promise<boolean> =>
  probe(address).then(
    () => true,
    () => false,
  );

/**
 * The dead letter topic takes messages of up to 4 MiB, so the broker must; one node keeps one copy. A
 * killed broker may register again only when its session has ended: in 3 s instead of 9.
 */
function serverProperties(address: Address, controllerPort: number, data: string): string {
  return `process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:${controllerPort}
listeners=PLAINTEXT://127.0.0.1:${address.port},CONTROLLER://127.0.0.1:${controllerPort}
advertised.listeners=PLAINTEXT://${address.host}:${address.port}
controller.listener.names=CONTROLLER
log.dirs=${data}
broker.heartbeat.interval.ms=500
broker.session.timeout.ms=3000
auto.create.topics.enable=false
message.max.bytes=4194304
replica.fetch.max.bytes=4194304
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
`;
}
