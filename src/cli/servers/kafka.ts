import type { Kafka } from 'kafkajs';
import type { Config } from '../../config';
import { createKafka } from '../../kafka/client';
import { createPublisher, type Publisher } from '../../kafka/publisher';
import { commandLogger } from './logger';

/** A client of Kafka for a command; it connects nothing by itself. */
export const commandKafka = (config: Config): Kafka =>
  createKafka(config, 'orderly-cli', commandLogger(config));

/** Whoever ends a command waits no longer for a Kafka that is away, in milliseconds. */
const drainMs = 5_000;

/** Runs `work` with a publisher; what it published has arrived, or was refused, when this resolves. */
export async function withPublisher<T>(
  config: Config,
  work: (publisher: Publisher) => Promise<T>,
): Promise<T> {
  const logger = commandLogger(config);
  const publisher = await createPublisher(commandKafka(config), { logger, drainMs });
  try {
    return await work(publisher);
  } finally {
    await publisher.stop();
  }
}
