/** What the world is told about a parcel that is on its way. */
import type { OrderShipped } from '../messages/orderShipped';
import type { Announcement } from './announcement';
import { customerNotice } from './customerNotice';
import { factsOf } from './facts';
import { announcementId } from './ids';
import type { ShipmentInput } from './shipmentInput';
import type { Dispatch } from './shipping';

const type = 'OrderShipped';

/** @param at RFC 3339, from the workflow's clock */
export function shipmentAnnouncement(
  { order, receivedAt, parcel: { shipment, products }, amount }: ShipmentInput,
  { carrier, trackingNumber, dispatchedAt }: Dispatch,
  at: string,
): Announcement {
  const { orderId, synthetic } = order;
  const data: OrderShipped = {
    orderId,
    shipment,
    shippedAt: dispatchedAt,
    carrier,
    trackingNumber,
    products: [...products],
    synthetic,
  };
  const facts = factsOf({ order }, { outcome: 'shipped', total: amount });
  const event = { type, id: announcementId(type, orderId, shipment), key: orderId, time: at, data };
  return {
    milestone: { name: type, shipment, receivedAt, facts },
    messages: [event, customerNotice(order, 'order-shipped', at, shipment)],
  };
}
