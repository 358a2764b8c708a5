/** How the configuration has connections to Kafka encrypted, and who logs in. */
import { readFileSync } from 'node:fs';
import type { KafkaConfig, SASLOptions } from 'kafkajs';
import type { Config } from '../config';
import { OrderlyError } from '../errors';

export type SecuritySettings = Pick<
  Config,
  | 'KAFKA_SSL'
  | 'KAFKA_SSL_CA_PATH'
  | 'KAFKA_SASL_MECHANISM'
  | 'KAFKA_SASL_USERNAME'
  | 'KAFKA_SASL_PASSWORD'
>;

/** @throws OrderlyError ConfigInvalid where the CA file can not be read or the login is incomplete. */
export const securityOf = (settings: SecuritySettings): Pick<KafkaConfig, 'ssl' | 'sasl'> => ({
  ssl: tlsOf(settings),
  sasl: saslOf(settings),
});

function tlsOf(settings: SecuritySettings): KafkaConfig['ssl'] {
  if (!settings.KAFKA_SSL) return false;
  if (settings.KAFKA_SSL_CA_PATH === undefined) return true;
  try {
    return { ca: readFileSync(settings.KAFKA_SSL_CA_PATH) };
  } catch (thrown) {
    const detail = `KAFKA_SSL_CA_PATH: ${settings.KAFKA_SSL_CA_PATH} can not be read`;
    throw new OrderlyError('ConfigInvalid', { detail }, { cause: thrown });
  }
}

function saslOf(settings: SecuritySettings): SASLOptions | undefined {
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
