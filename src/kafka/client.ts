import { Kafka, type KafkaConfig, logLevel } from 'kafkajs';
import type { Logger } from 'pino';
import type { Config } from '../config';
import { readAllCodecs } from './codecs';
import { calmConnectionTimers } from './connectionTimers';
import { readFetchesByBatch } from './fetchReader';
import { poolEncoderBuffers } from './pooledEncoder';
import { writeRecordsDirectly } from './produceRequest';
import { type SecuritySettings, securityOf } from './security';

/** What of the configuration says how to reach Kafka. */
export type KafkaSettings = Pick<Config, 'KAFKA_BROKERS'> & SecuritySettings;

/**
 * Pauses of 0.1 to 3.2 seconds, 6 seconds in all: long enough for a leader election or a cut connection,
 * which the client then mends without a duplicate; short enough to report a wrong address soon. What
 * lasts longer is waited for by the publisher and the consumer themselves. Set in full, because the
 * client has other defaults under NODE_ENV=test.
 */
const retry = {
  initialRetryTime: 100,
  multiplier: 2,
  factor: 0.2,
  maxRetryTime: 5_000,
  retries: 6,
} as const;

calmConnectionTimers();
poolEncoderBuffers();
writeRecordsDirectly();
readAllCodecs();
readFetchesByBatch();

/**
 * The client from which publishers, consumers and topic set-up are made; it connects nothing by itself.
 * Consumers of one group each need a client of their own: those of one client share their memory of
 * committed offsets.
 * @throws OrderlyError ConfigInvalid where the CA file can not be read or the login is incomplete.
 */
export function createKafka(settings: KafkaSettings, clientId: string, logger: Logger): Kafka {
  return new Kafka(clientConfig(settings, clientId, logger));
}

/** How the client is set up. @throws OrderlyError ConfigInvalid */
export function clientConfig(
  settings: KafkaSettings,
  clientId: string,
  logger: Logger,
): KafkaConfig {
  return {
    clientId,
    brokers: settings.KAFKA_BROKERS,
    ...securityOf(settings),
    connectionTimeout: 3_000,
    retry,
    logLevel: logLevel.INFO,
    logCreator: () => logTo(logger),
  };
}

/** Says that retries are limited, which the publisher does on purpose: it goes on with a new producer. */
const knownRemark = 'Limiting retries for the idempotent producer';

/**
 * The client logs each passing trouble as an error and each join as news. What lasts is logged by the
 * publisher and the consumer in our own words, so the client's lines go one step lower.
 */
function logTo(logger: Logger): ReturnType<NonNullable<KafkaConfig['logCreator']>> {
  return ({ namespace, level, log }) => {
    const { message, timestamp: _, stack: __, ...detail } = log;
    const line = { kafkajs: namespace, ...detail };
    if (level === logLevel.ERROR) logger.warn(line, message);
    else if (level === logLevel.WARN && !message.startsWith(knownRemark))
      logger.info(line, message);
    else logger.debug(line, message);
  };
}
