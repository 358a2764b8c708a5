/** A warehouse: hears over Kafka which orders to pick, and reports each parcel that it has packed. */
import { join } from 'node:path';
import type { Kafka } from 'kafkajs';
import type { z } from 'zod';
import { OrderlyError } from '../errors';
import { decode } from '../kafka/cloudEvents';
import { consume } from '../kafka/consumer';
import type { IncomingRecord } from '../kafka/record';
import { faultOf, type Message } from '../messages/message';
import { orderCancelled } from '../messages/orderCancelled';
import { orderConfirmed } from '../messages/orderConfirmed';
import { type OrderPickedAndPacked, orderPickedAndPacked } from '../messages/orderPickedAndPacked';
import type { Logger } from '../telemetry';
import { Attempts, Steering, type WarehouseBehaviour, warehouseBehaviour } from './behaviour';
import { type Messenger, startMessenger, strangers } from './messenger';
import { type Partner, type PartnerOptions, startServer } from './server';
import { WarehouseBooks } from './warehouseBooks';

export interface WarehouseOptions extends PartnerOptions {
  /**
   * A client of its own: it reads `OrderConfirmed` and `OrderCancelled`, and publishes
   * `OrderPickedAndPacked`; the topics must exist.
   */
  readonly kafka: Kafka;
  /** Its consumer group. */
  readonly group: string;
}

export interface Warehouse extends Partner {
  /** Whether it hears of orders right now. */
  readonly joined: boolean;
}

/** Orders that are written down at once; picking them takes no place. */
const inHand = 200;

const largestMessage = 1024 * 1024;

/** How long at least a failed attempt to pick keeps people busy. */
const repickMs = 100;

/** @throws OrderlyError KafkaUnavailable, TopicUnknown, PartnerBooksUnreadable, PartnerPortTaken */
export async function startWarehouse(options: WarehouseOptions): Promise<Warehouse> {
  const { name, dataDir, kafka, group, logger } = options;
  const steering = new Steering(name, warehouseBehaviour);
  const books = new WarehouseBooks(join(dataDir, `${name}.jsonl`));
  const messenger = await startMessenger({ ...options, steering }).catch(thrown => {
    books.close();
    throw thrown;
  });
  const server = await startServer({
    ...options,
    steering,
    books: () => books.sums(),
    routes: () => {},
    async close() {
      await messenger.stop();
      books.close();
    },
  });
  const pick = picker(books, messenger, steering);
  books.open().forEach(pick);
  const consumption = await consume(kafka, {
    group,
    topics: [orderConfirmed.topic, orderCancelled.topic],
    onRecord: reader(books, pick, logger),
    maxInFlight: inHand,
    logger,
  }).catch(async thrown => {
    await server.stop();
    throw thrown;
  });
  return {
    url: server.url,
    get joined() {
      return consumption.joined;
    },
    async stop() {
      await consumption.stop();
      await server.stop();
    },
  };
}

type Pick = (parcel: { readonly orderId: string; readonly shipment: string }) => void;

/** Writes an order, or its cancellation, into the books. What is neither is nobody's order, and passed over. */
function reader(books: WarehouseBooks, pick: Pick, logger: Logger) {
  return async (record: IncomingRecord): Promise<void> => {
    try {
      if (record.topic === orderCancelled.topic) {
        books.cancel(read(orderCancelled, record).orderId);
        return;
      }
      const { orderId, shipments = [] } = read(orderConfirmed, record);
      if (shipments.length === 0) return;
      const numbers = shipments.map(({ shipment }) => shipment);
      books.receive(orderId, numbers).forEach(pick);
    } catch (thrown) {
      if (!(thrown instanceof OrderlyError)) throw thrown;
      const { topic, partition, offset } = record;
      logger.warn({ topic, partition, offset, code: thrown.code }, thrown.message);
    }
  };
}

/** @throws OrderlyError of `decode`, MessageInvalid */
function read<Schema extends z.ZodType>(
  message: Message<Schema>,
  record: IncomingRecord,
): z.output<Schema> {
  const parsed = message.schema.safeParse(decode(record, largestMessage).data);
  if (parsed.success) return parsed.data;
  throw new OrderlyError('MessageInvalid', { type: message.type, ...faultOf(parsed.error) });
}

/**
 * Begins to pick a parcel, as often as it takes, then packs it and reports it. A report that was not told
 * when the process ended is told again.
 */
function picker(
  books: WarehouseBooks,
  messenger: Messenger,
  steering: Steering<WarehouseBehaviour>,
): Pick {
  const attempts = new Attempts();
  const pick: Pick = parcel => messenger.later(steering.behaviour.latencyMs, () => finish(parcel));
  const finish = async (parcel: Parameters<Pick>[0]): Promise<void> => {
    const subject = `${parcel.orderId}:${parcel.shipment}`;
    if (books.isPicking(parcel) && steering.hits('fail', subject, attempts.next(subject))) {
      messenger.later(repickMs, async () => pick(parcel));
      return;
    }
    const packed = books.pack(parcel);
    if (packed === undefined) return;
    const { orderId, shipment, packedAt } = packed;
    const news: OrderPickedAndPacked = { orderId, shipment, packedAt };
    await messenger.tell(orderPickedAndPacked, news, strangers(news));
    books.told(parcel);
  };
  return pick;
}
