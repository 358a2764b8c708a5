/** What a customer is told. */
import type { Notification } from '../messages/notification';
import type { Order } from '../messages/orderReceived';
import type { AnnouncedMessage } from './announcement';
import { notificationId } from './ids';

const texts: Readonly<Record<Notification['reason'], (orderId: string) => string>> = {
  'order-confirmed': orderId => `Your order ${orderId} is confirmed.`,
  'order-rejected': orderId =>
    `We are sorry: your order ${orderId} can not be delivered as ordered.`,
  'order-cancelled': orderId => `Your order ${orderId} is cancelled.`,
  'order-back-ordered': orderId =>
    `Your order ${orderId} waits for stock. We will tell you when it has come.`,
  'order-shipped': orderId => `A parcel of your order ${orderId} is on its way to you.`,
};

/** @param at RFC 3339, from the workflow's clock */
export function customerNotice(
  { orderId, customer }: Pick<Order, 'orderId' | 'customer'>,
  reason: Notification['reason'],
  at: string,
  shipment?: string,
): AnnouncedMessage {
  const { firstName, lastName, emailAddress } = customer;
  const data: Notification = {
    orderId,
    reason,
    recipient: { firstName, lastName, emailAddress },
    text: texts[reason](orderId),
    at,
  };
  const id = notificationId(orderId, reason, shipment);
  return { type: 'Notification', id, key: orderId, time: at, data };
}
