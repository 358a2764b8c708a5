/** What the world is told about a decided order: the domain event and the customer's notification. */
import type { Notification } from '../messages/notification';
import type { OrderCancelled } from '../messages/orderCancelled';
import type { OrderConfirmed } from '../messages/orderConfirmed';
import type { OrderRejected } from '../messages/orderRejected';
import type { AnnouncedMessage, Announcement } from './announcement';
import type { Decision } from './decision';
import type { DecidedFacts } from './facts';
import { announcementId, notificationId } from './ids';
import type { OrderInput } from './orderInput';
import type { OrderOutcome } from './orderStatus';
import { regionOf } from './region';

const eventTypes = {
  confirmed: 'OrderConfirmed',
  rejected: 'OrderRejected',
  cancelled: 'OrderCancelled',
} as const;

/** The type of the domain event that tells an outcome; undefined where none is announced. */
export const announcedAs = (outcome: OrderOutcome): string | undefined =>
  outcome === 'failed' ? undefined : eventTypes[outcome];

/** Channel of an order that names none. */
export const unknownChannel = 'unknown';

/**
 * Builds the announcement of a decision. `decidedAt` is RFC 3339 and comes from the workflow's clock,
 * so that history holds it before anything leaves.
 */
export function announcementOf(
  input: OrderInput,
  decision: Decision,
  decidedAt: string,
  traceparent?: string,
): Announcement {
  const { orderId } = input.order;
  const type = eventTypes[decision.outcome];
  const event: AnnouncedMessage = {
    type,
    id: announcementId(type, orderId),
    key: orderId,
    time: decidedAt,
    data: eventData(input, decision, decidedAt),
  };
  const milestone = { name: type, receivedAt: input.receivedAt, facts: factsOf(input, decision) };
  return { milestone, messages: [event, notificationOf(input, decision, decidedAt)], traceparent };
}

function eventData(
  { order }: OrderInput,
  decision: Decision,
  decidedAt: string,
): OrderConfirmed | OrderRejected | OrderCancelled {
  const { orderId, synthetic, customer } = order;
  switch (decision.outcome) {
    case 'confirmed':
      return {
        orderId,
        confirmedAt: decidedAt,
        products: order.products.map(({ productCode, quantity }, line) => ({
          productCode,
          quantity,
          unitPrice: decision.unitPrices[line]!,
        })),
        total: decision.total,
        currency: order.currency,
        customer: {
          firstName: customer.firstName,
          lastName: customer.lastName,
          shippingAddress: customer.shippingAddress,
        },
        channel: order.channel,
        synthetic,
      };
    case 'rejected':
      return { orderId, rejectedAt: decidedAt, reasons: [...decision.refusals], synthetic };
    case 'cancelled':
      return { orderId, cancelledAt: decidedAt, ...decision.request, synthetic };
  }
}

const notificationTexts = {
  confirmed: (orderId: string) => `Your order ${orderId} is confirmed.`,
  rejected: (orderId: string) =>
    `We are sorry: your order ${orderId} can not be delivered as ordered.`,
  cancelled: (orderId: string) => `Your order ${orderId} is cancelled.`,
};

function notificationOf({ order }: OrderInput, decision: Decision, at: string): AnnouncedMessage {
  const { orderId } = order;
  const { firstName, lastName, emailAddress } = order.customer;
  const reason = `order-${decision.outcome}` as const;
  const data: Notification = {
    orderId,
    reason,
    recipient: { firstName, lastName, emailAddress },
    text: notificationTexts[decision.outcome](orderId),
    at,
  };
  const id = notificationId(orderId, reason);
  return { type: 'Notification', id, key: orderId, time: at, data };
}

function factsOf({ order }: OrderInput, decision: Decision): DecidedFacts {
  return {
    outcome: decision.outcome,
    total: decision.outcome === 'confirmed' ? decision.total : undefined,
    currency: order.currency,
    channel: order.channel ?? unknownChannel,
    region: regionOf(order.customer.shippingAddress),
    unknownProducts:
      decision.outcome === 'rejected'
        ? decision.refusals.filter(({ reason }) => reason === 'UnknownProduct').length
        : 0,
    synthetic: order.synthetic === true,
  };
}
