/** What the world is told about an order: the domain event and the customer's notification. */
import type { OrderBackOrdered } from '../messages/orderBackOrdered';
import type { OrderCancelled } from '../messages/orderCancelled';
import type { OrderConfirmed } from '../messages/orderConfirmed';
import type { Order } from '../messages/orderReceived';
import type { OrderRejected } from '../messages/orderRejected';
import type { AnnouncedMessage, Announcement } from './announcement';
import { customerNotice } from './customerNotice';
import type { Confirmed, Decision } from './decision';
import { factsOf, type OrderFacts } from './facts';
import { announcementId } from './ids';
import type { OrderInput } from './orderInput';

/** The type of the domain event that announces a decision. */
export const decisionEvents = {
  confirmed: 'OrderConfirmed',
  rejected: 'OrderRejected',
  cancelled: 'OrderCancelled',
} as const;

/**
 * Builds the announcement of a decision. `decidedAt` is RFC 3339 and comes from the workflow's clock,
 * so that history holds it before anything leaves.
 */
export function decisionAnnouncement(
  input: OrderInput,
  decision: Decision,
  decidedAt: string,
): Announcement {
  const type = decisionEvents[decision.outcome];
  const reason = `order-${decision.outcome}` as const;
  return orderAnnouncement(input, {
    type,
    at: decidedAt,
    data: eventData(input, decision, decidedAt),
    facts: decidedFacts(input, decision),
    notice: customerNotice(input.order, reason, decidedAt),
  });
}

/** Builds the announcement that an order waits for stock. Times are RFC 3339. */
export function backOrderAnnouncement(
  input: OrderInput,
  productCodes: readonly string[],
  { at, waitsUntil }: { readonly at: string; readonly waitsUntil: string },
): Announcement {
  const { orderId, synthetic } = input.order;
  const data: OrderBackOrdered = {
    orderId,
    backOrderedAt: at,
    waitsUntil,
    productCodes: [...productCodes],
    synthetic,
  };
  return orderAnnouncement(input, {
    type: 'OrderBackOrdered',
    at,
    data,
    facts: factsOf(input, { outcome: 'back-ordered' }),
    notice: customerNotice(input.order, 'order-back-ordered', at),
  });
}

interface Told {
  readonly type: string;
  readonly at: string;
  readonly data: unknown;
  readonly facts: OrderFacts;
  readonly notice: AnnouncedMessage;
}

function orderAnnouncement(
  { order: { orderId }, receivedAt }: OrderInput,
  { type, at, data, facts, notice }: Told,
): Announcement {
  const event = { type, id: announcementId(type, orderId), key: orderId, time: at, data };
  return { milestone: { name: type, receivedAt, facts }, messages: [event, notice] };
}

function eventData(
  { order }: OrderInput,
  decision: Decision,
  at: string,
): OrderConfirmed | OrderRejected | OrderCancelled {
  const { orderId, synthetic } = order;
  switch (decision.outcome) {
    case 'confirmed':
      return confirmedData(order, decision, at);
    case 'rejected': {
      const { refusals, cause } = decision;
      return { orderId, rejectedAt: at, reasons: [...refusals], cause, synthetic };
    }
    case 'cancelled':
      return { orderId, cancelledAt: at, ...decision.request, synthetic };
  }
}

function confirmedData(
  order: OrderInput['order'],
  { unitPrices, total, parcels }: Confirmed,
  confirmedAt: string,
): OrderConfirmed {
  const { orderId, currency, channel, synthetic } = order;
  const { firstName, lastName, shippingAddress }: Order['customer'] = order.customer;
  return {
    orderId,
    confirmedAt,
    products: order.products.map(({ productCode, quantity }, line) => ({
      productCode,
      quantity,
      unitPrice: unitPrices[line]!,
    })),
    total,
    currency,
    customer: { firstName, lastName, shippingAddress },
    channel,
    synthetic,
    ...(parcels && {
      shipments: parcels.map(({ products, ...parcel }) => ({
        ...parcel,
        products: [...products],
      })),
    }),
  };
}

function decidedFacts(input: OrderInput, decision: Decision): OrderFacts {
  const { outcome } = decision;
  if (outcome === 'confirmed') return factsOf(input, { outcome, total: decision.total });
  const refusals = outcome === 'rejected' ? decision.refusals : [];
  const unknownProducts = refusals.filter(({ reason }) => reason === 'UnknownProduct').length;
  return factsOf(input, { outcome, unknownProducts });
}
