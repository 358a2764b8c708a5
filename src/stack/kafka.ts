import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import type { Config } from '../config';
import { java, kafkaFromMaven } from './kafkaFromMaven';
import type { ServerKind, Source } from './kind';
import { freePort } from './ports';
import type { Address } from './record';
import { run } from './run';
import { versions } from './versions';

/** One Kafka broker that is its own controller (KRaft). */
export const kafka: ServerKind = {
  name: 'kafka',
  title: 'Kafka',
  install:
    'Install Java 17 and Maven (apt-get install openjdk-17-jre-headless maven), or set ORDERLY_KAFKA_HOME to an unpacked Kafka 4, or KAFKA_BROKERS to a running broker.',
  stopSignal: 'SIGTERM',

  address(config) {
    const [host = '127.0.0.1', port = '9092'] = (config.KAFKA_BROKERS[0] ?? '').split(':');
    return { host, port: Number(port) };
  },

  sources: config => [
    ...given(config),
    { name: `Maven ${versions.kafka.artifact} ${versions.kafka.version}`, find: kafkaFromMaven },
  ],

  dataFolder: folder => `${folder}/data`,

  async prepare(home, { address, data }) {
    await mkdir(data, { recursive: true });
    const properties = join(data, '..', 'server.properties');
    await writeFile(properties, serverProperties(address, await freePort(), data));
    if (!existsSync(join(data, 'meta.properties'))) {
      const id = randomUUID().replaceAll('-', '').slice(0, 22);
      const format = ['kafka.tools.StorageTool', 'format', '-g', '-t', id, '-c', properties];
      await run(java(), [...jvmFlags(home), ...format]);
    }
    return { file: java(), args: [...jvmFlags(home), 'kafka.Kafka', properties] };
  },

  async probe({ host, port }) {
    const client = new Kafka({
      brokers: [`${host}:${port}`],
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
  },
};

function given(config: Config): Source[] {
  const home = config.ORDERLY_KAFKA_HOME;
  if (home === undefined) return [];
  const find = async () => {
    const jars = await readdir(join(home, 'libs')).catch(() => [] as string[]);
    if (!jars.some(jar => /^kafka_\d/.test(jar))) throw new Error(`${home}/libs has no broker`);
    await run(java(), ['-version']);
    return home;
  };
  return [{ name: 'ORDERLY_KAFKA_HOME', find }];
}

/** A small heap and the collector with the fewest threads: the broker shares the machine with the program. */
export function jvmFlags(home: string): string[] {
  const archive = join(home, 'kafka.jsa');
  return [
    ...['-Xms256m', '-Xmx512m', '-XX:+UseSerialGC'],
    ...(existsSync(archive) ? [`-XX:SharedArchiveFile=${archive}`] : []),
    ...['-cp', join(home, 'libs', '*')],
  ];
}

/** The dead letter topic takes messages of up to 4 MiB, so the broker must; one node keeps one copy. */
export function serverProperties(address: Address, controllerPort: number, data: string): string {
  return `process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:${controllerPort}
listeners=PLAINTEXT://127.0.0.1:${address.port},CONTROLLER://127.0.0.1:${controllerPort}
advertised.listeners=PLAINTEXT://${address.host}:${address.port}
controller.listener.names=CONTROLLER
log.dirs=${data}
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
