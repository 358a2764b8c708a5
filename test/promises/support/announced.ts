/** What the topics say of the orders and their parcels, each announcement once, by its event id. */
import type { OrderConfirmed } from '../../../src/messages/orderConfirmed';
import type { OrderShipped } from '../../../src/messages/orderShipped';
import { eventId, type Read, readTopics } from './topics';
import type { World } from './world';

/** A parcel by its name, `<orderId>:<shipment>`, with the pieces that are in it. */
export type Parcels = ReadonlyMap<string, OrderShipped['products']>;

export interface Announced {
  /** The parcels of confirmed orders. */
  readonly promised: Parcels;
  /** Those that are on their way, by `OrderShipped`. */
  readonly shipped: Parcels;
  /** Those of which operators were told that they can not be sent. */
  readonly failed: ReadonlySet<string>;
  /** Ids of the notices that something could not be taken back, or that an order was refused for good. */
  readonly troubles: readonly string[];
  /** The orders that were called off. */
  readonly cancelled: ReadonlySet<string>;
}

export async function readAnnounced(world: World): Promise<Announced> {
  const topics = ['OrderConfirmed', 'OrderShipped', 'OrderCancelled', 'OperatorNotice'];
  const events = new Map((await readTopics(world, topics)).map(event => [eventId(event), event]));
  const idsOn = (topic: string) => [...events.keys()].filter(id => events.get(id)!.topic === topic);
  const confirmed = idsOn('OrderConfirmed').map(id => dataOf<OrderConfirmed>(events.get(id)!));
  const shipped = idsOn('OrderShipped').map(id => dataOf<OrderShipped>(events.get(id)!));
  const notices = idsOn('OperatorNotice');
  return {
    promised: new Map(
      confirmed.flatMap(({ orderId, shipments = [] }) =>
        shipments.map(({ shipment, products }) => [`${orderId}:${shipment}`, products]),
      ),
    ),
    shipped: new Map(
      shipped.map(({ orderId, shipment, products }) => [`${orderId}:${shipment}`, products]),
    ),
    failed: new Set(
      notices
        .filter(id => reasonOf(id) === 'shipment-failed')
        .map(id => id.split(':'))
        .map(([, orderId, , shipment]) => `${orderId}:${shipment}`),
    ),
    troubles: notices.filter(id => ['compensation-stuck', 'order-failed'].includes(reasonOf(id))),
    cancelled: new Set(idsOn('OrderCancelled').map(id => id.replace(/^OrderCancelled:/, ''))),
  };
}

/** Of a notice: `OperatorNotice:<orderId>:<reason>[:<shipment>]`. */
const reasonOf = (id: string): string => id.split(':')[2]!;

export const orderOfParcel = (parcel: string): string => parcel.slice(0, parcel.lastIndexOf(':'));

const dataOf = <Data>({ value }: Read): Data => JSON.parse(String(value)) as Data;
