/** How a partner tells its news: by Kafka, at least once, with the troubles that its behaviour asks for. */
import type { Kafka } from 'kafkajs';
import type { z } from 'zod';
import { encode } from '../kafka/cloudEvents';
import { createPublisher, type Publisher } from '../kafka/publisher';
import type { TopicMessage } from '../messages/message';
import type { Logger } from '../telemetry';
import { Agenda } from './agenda';
import { draw, type Steering, type TellingBehaviour } from './behaviour';

export interface MessengerOptions {
  readonly name: string;
  readonly kafka: Kafka;
  readonly steering: Steering<TellingBehaviour>;
  readonly logger: Logger;
}

/** News about one parcel. */
interface ParcelNews {
  readonly orderId: string;
  readonly shipment: string;
}

/** @throws OrderlyError KafkaUnavailable */
export async function startMessenger(options: MessengerOptions): Promise<Messenger> {
  return new Messenger(options, await createPublisher(options.kafka, { logger: options.logger }));
}

export class Messenger {
  private readonly agenda: Agenda;

  constructor(
    private readonly options: MessengerOptions,
    private readonly publisher: Publisher,
  ) {
    this.agenda = new Agenda(options.logger);
  }

  /** Begins the work in so many milliseconds. */
  later(ms: number, work: () => Promise<void>): void {
    this.agenda.after(ms, work);
  }

  /**
   * Sends the news; sometimes twice, and sometimes with a lie after it, one of those offered. Resolves
   * when Kafka has it all.
   * @throws OrderlyError PublisherStopped, RecordRefused, TopicUnknown
   */
  async tell<Schema extends z.ZodType<ParcelNews>>(
    message: TopicMessage<Schema>,
    news: z.output<Schema>,
    lies: readonly z.output<Schema>[],
  ): Promise<void> {
    const { name, steering } = this.options;
    const id = `${message.type}:${news.orderId}:${news.shipment}`;
    const send = (data: z.output<Schema>, eventId: string) =>
      this.publisher.publish({
        topic: message.topic,
        ...encode({
          type: message.type,
          id: eventId,
          key: message.key(data),
          data,
          source: `urn:${name}`,
        }),
      });
    const sends = [send(news, id)];
    if (steering.hits('duplicate', id)) sends.push(send(news, id));
    if (steering.hits('lie', id)) {
      const lie = lies[Math.floor(draw(name, 'which lie', id) * lies.length)];
      if (lie !== undefined) sends.push(send(lie, `${id}:lie`));
    }
    await Promise.all(sends);
  }

  /** Begins nothing more, sends what waits, and resolves when all that has begun has ended. */
  async stop(): Promise<void> {
    this.agenda.stop();
    await this.publisher.stop();
    await this.agenda.idle();
  }
}

/** Untrue news that any partner may send: of an order, and of a parcel, that nobody has. */
export const strangers = <News extends ParcelNews>(news: News): News[] => [
  { ...news, orderId: `nobody-${Math.floor(draw('nobody', news.orderId) * 1e9)}` },
  { ...news, shipment: '999' },
];
