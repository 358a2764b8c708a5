/** From a Kafka record to an order that may run, or an error of the catalogue that says why not. */
import { OrderlyError } from '../errors';
import { decode, eventOfHeaders } from '../kafka/cloudEvents';
import type { IncomingRecord } from '../kafka/record';
import { faultOf } from '../messages/message';
import { type Order, orderReceived } from '../messages/orderReceived';
import { digestOf, digestVersion, originOf, traceparentOf } from './identity';
import { receivedAt } from './receivedAt';

/** A valid order with its identity. `receivedAt` is the record's time where it can be right, in milliseconds. */
export interface TakenOrder {
  readonly order: Order;
  readonly receivedAt: number;
  readonly origin: string;
  readonly digest: string;
  readonly traceparent: string;
}

/** What came out of a record: an order, or the reason why it can't be one. Its origin is known either way. */
export type Taken =
  | { readonly origin: string; readonly order: TakenOrder }
  | { readonly origin: string; readonly error: OrderlyError; readonly traceparent?: string };

export function take(record: IncomingRecord, maxBytes: number): Taken {
  try {
    const { data, event, traceparent } = decode(record, maxBytes);
    const origin = originOf(record, event);
    const parsed = orderReceived.schema.safeParse(data);
    if (!parsed.success) {
      const fault = { type: orderReceived.type, ...faultOf(parsed.error) };
      return { origin, error: new OrderlyError('MessageInvalid', fault), traceparent };
    }
    return {
      origin,
      order: {
        order: parsed.data,
        receivedAt: receivedAt(record, Date.now()),
        origin,
        digest: digestOf(parsed.data, digestVersion),
        traceparent: traceparent ?? traceparentOf(origin),
      },
    };
  } catch (thrown) {
    if (!(thrown instanceof OrderlyError)) throw thrown;
    return { origin: originOf(record, eventOfHeaders(record.headers)), error: thrown };
  }
}
