import type { Kafka } from 'kafkajs';
import type { Logger } from 'pino';
import type { Config } from '../config';

export type KafkaSettings = Pick<
  Config,
  | 'KAFKA_BROKERS'
  | 'KAFKA_SSL'
  | 'KAFKA_SSL_CA_PATH'
  | 'KAFKA_SASL_MECHANISM'
  | 'KAFKA_SASL_USERNAME'
  | 'KAFKA_SASL_PASSWORD'
>;

/** The client that publishers, consumers and topic set-up share. It connects nothing by itself. */
export function createKafka(_config: KafkaSettings, _clientId: string, _logger: Logger): Kafka {
  throw new Error('being written');
}
