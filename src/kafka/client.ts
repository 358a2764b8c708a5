import { readFileSync } from 'node:fs';
import { Kafka, type KafkaConfig, logLevel, type SASLOptions } from 'kafkajs';
import type { Logger } from 'pino';
import type { Config } from '../config';
import { OrderlyError } from '../errors';
import { calmConnectionTimers } from './connectionTimers';
import { readHeadersAtOnce } from './headerReader';
import { poolEncoderBuffers } from './pooledEncoder';

/** What of the configuration says how to reach Kafka. */
export type KafkaSettings = Pick<
  Config,
  | 'KAFKA_BROKERS'
  | 'KAFKA_SSL'
  | 'KAFKA_SSL_CA_PATH'
  | 'KAFKA_SASL_MECHANISM'
  | 'KAFKA_SASL_USERNAME'
  | 'KAFKA_SASL_PASSWORD'
>;

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
readHeadersAtOnce();

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
    ssl: tlsOf(settings),
    sasl: saslOf(settings),
    connectionTimeout: 3_000,
    retry,
    logLevel: logLevel.INFO,
    logCreator: () => logTo(logger),
  };
}

function tlsOf(settings: KafkaSettings): KafkaConfig['ssl'] {
  if (!settings.KAFKA_SSL) return false;
  if (settings.KAFKA_SSL_CA_PATH === undefined) return true;
  try {
    return { ca: readFileSync(settings.KAFKA_SSL_CA_PATH) };
  } catch (thrown) {
    const detail = `KAFKA_SSL_CA_PATH: ${settings.KAFKA_SSL_CA_PATH} can not be read`;
    throw new OrderlyError('ConfigInvalid', { detail }, { cause: thrown });
  }
}

function saslOf(settings: KafkaSettings): SASLOptions | undefined {
  const mechanism = settings.KAFKA_SASL_MECHANISM;
  if (mechanism === undefined) return undefined;
  const username = settings.KAFKA_SASL_USERNAME;
  const password = settings.KAFKA_SASL_PASSWORD?.reveal();
  if (username === undefined || password === undefined) {
    const detail = 'KAFKA_SASL_MECHANISM needs KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD';
    throw new OrderlyError('ConfigInvalid', { detail });
  }
  return { mechanism, username, password };
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
