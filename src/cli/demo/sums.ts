/** The sums that must add up: figures of one run, collected independently, against each other; pure. */

import type { Handled, Money } from './books';

/** What was sent; `submissions` counts the others, too. A redelivered submission is one submission. */
export interface Sent {
  readonly submissions: number;
  readonly duplicate: number;
  readonly conflicting: number;
  readonly malformed: number;
}

export interface Figures {
  readonly sent: Sent;
  /** Read back from Kafka; each counted once, by origin or event id. */
  readonly topics: {
    readonly received: number;
    readonly deadLetters: number;
    readonly conflicts: number;
    readonly confirmed: number;
    readonly rejected: number;
    readonly cancelled: number;
    /** Of these, orders that had been confirmed before. */
    readonly cancelledAfterConfirmation: number;
    readonly backOrdered: number;
    readonly shipped: number;
    /** What these parcels are worth, in minor units. */
    readonly shippedValue: number;
    /** Parcels that operators were told will never ship. */
    readonly shipmentsFailed: number;
    readonly latencyEvents: number;
    readonly durationEvents: number;
    readonly backOrderEvents: number;
    readonly shipmentEvents: number;
  };
  /** From the ledger in Postgres. */
  readonly ledger: {
    /** Ids of KPI events that are on a topic and not counted. */
    readonly uncounted: readonly string[];
  };
  /** From the register in Postgres. */
  readonly register: { readonly orders: number; readonly duplicates: number };
  /** From Temporal's visibility: the workflows of orders. */
  readonly workflows: {
    readonly all: number;
    readonly closed: number;
    readonly completed: number;
    readonly rejected: number;
    readonly cancelled: number;
    /** Orders of which a parcel could not be sent. */
    readonly partlyFailed: number;
    /** Orders that failed before they were decided. */
    readonly failed: number;
    /** Ended from outside: terminated, timed out. */
    readonly terminated: number;
  };
  /** From Temporal's visibility: the workflows of parcels. */
  readonly shipments: { readonly all: number; readonly closed: number };
  /** From Postgres; all but the last two over all that the database ever held. */
  readonly stock: {
    /** Products whose reserved pieces are not the sum of their live reservation lines. */
    readonly wronglyReserved: readonly string[];
    /** Products whose stock is not what was received and adjusted without what was shipped. */
    readonly wronglyOnHand: readonly string[];
    /** Products and orders whose back-orders are not what waiting orders want. */
    readonly wronglyWaiting: readonly string[];
    /** Orders of the run that hold stock. */
    readonly holding: readonly string[];
    /** Parcels of the run that have left it. */
    readonly shipped: number;
  };
  /** From the payment providers' books. */
  readonly money: Money;
  /** From the books of warehouse and carrier. */
  readonly handled: Handled;
}

export interface Sum {
  readonly name: string;
  readonly left: number;
  readonly right: number;
  readonly holds: boolean;
  /** Which ones it is about, where they have names. */
  readonly culprits?: readonly string[];
}

/** Every sum, whether it holds or not. When all hold, all that was sent is settled. */
export const sumsOf = (figures: Figures): Sum[] => [
  ...sumsOfIntake(figures),
  ...sumsOfOrders(figures),
  ...sumsOfStock(figures),
  ...sumsOfParcels(figures),
  ...sumsOfMoney(figures),
  ...sumsOfKpis(figures),
];

const sumsOfIntake = ({ sent, topics, register, workflows }: Figures): Sum[] => [
  sum('submissions sent = distinct origins on OrderReceived', sent.submissions, topics.received),
  sum(
    'distinct origins = orders registered + duplicates + dead letters',
    topics.received,
    register.orders + register.duplicates + topics.deadLetters,
  ),
  sum('duplicates sent = duplicates refused', sent.duplicate, register.duplicates),
  sum('conflicts sent = conflicts dead-lettered', sent.conflicting, topics.conflicts),
  sum(
    'malformed sent = dead letters but conflicts',
    sent.malformed,
    topics.deadLetters - topics.conflicts,
  ),
  sum('orders registered = workflows', register.orders, workflows.all),
];

const sumsOfOrders = ({ topics, workflows }: Figures): Sum[] => [
  sum('workflows = workflows closed', workflows.all, workflows.closed),
  sum(
    'completed + rejected + cancelled + partly failed + failed + terminated = workflows closed',
    workflows.completed +
      workflows.rejected +
      workflows.cancelled +
      workflows.partlyFailed +
      workflows.failed +
      workflows.terminated,
    workflows.closed,
  ),
  sum(
    'completed + partly failed + cancelled after confirmation = OrderConfirmed events',
    workflows.completed + workflows.partlyFailed + topics.cancelledAfterConfirmation,
    topics.confirmed,
  ),
  sum('rejected orders = OrderRejected events', workflows.rejected, topics.rejected),
  sum('cancelled orders = OrderCancelled events', workflows.cancelled, topics.cancelled),
];

const sumsOfStock = ({ stock }: Figures): Sum[] => [
  none('products with reserved other than their live reservation lines', stock.wronglyReserved),
  none('products with received + adjusted other than on hand + shipped', stock.wronglyOnHand),
  none('back-orders other than what waiting orders want', stock.wronglyWaiting),
  none('closed orders that hold stock', stock.holding),
];

const sumsOfParcels = ({ topics, shipments, stock, handled }: Figures): Sum[] => [
  sum('parcels begun = parcels packed by the warehouse', shipments.all, handled.packed),
  sum('parcels begun = parcels closed', shipments.all, shipments.closed),
  sum(
    'parcels closed = OrderShipped events + parcels failed',
    shipments.closed,
    topics.shipped + topics.shipmentsFailed,
  ),
  sum(
    'OrderShipped events = parcels dispatched by the carrier',
    topics.shipped,
    handled.dispatched,
  ),
  sum('OrderShipped events = parcels that left the stock', topics.shipped, stock.shipped),
  sum('parcels still under way at warehouse and carrier = none', handled.underWay, 0),
];

const sumsOfMoney = ({ topics, money }: Figures): Sum[] => [
  sum(
    "authorized = captured + voided + held, by the providers' books",
    money.authorized,
    money.captured + money.voided + money.held,
  ),
  sum('money held at the end = none', money.held, 0),
  sum(
    'captured = value of the parcels shipped + refunded',
    money.captured,
    topics.shippedValue + money.refunded,
  ),
];

const sumsOfKpis = ({ topics, workflows, shipments, ledger }: Figures): Sum[] => [
  sum(
    'orders confirmed or rejected = OrderLatency events',
    topics.confirmed + workflows.rejected,
    topics.latencyEvents,
  ),
  sum(
    'workflows that ran to their end = OrderDuration events',
    workflows.closed - workflows.terminated,
    topics.durationEvents,
  ),
  sum('OrderBackOrdered events = BackOrders events', topics.backOrdered, topics.backOrderEvents),
  sum('parcels closed = ShipmentDuration events', shipments.closed, topics.shipmentEvents),
  none('KPI events on the topics that the ledger has not counted', ledger.uncounted),
];

/** What comparing the ledger with Temporal's own record came to, once the run was settled. */
export interface Parity {
  /** Events that both have. */
  readonly matched: number;
  /** Ids of events that Temporal proves and the ledger lacked. */
  readonly repaired: readonly string[];
  /** Ids of events that the ledger has and Temporal can not explain. */
  readonly unexplained: readonly string[];
  /** Currencies in which ledger, Temporal and Postgres do not agree on the revenue, to the cent. */
  readonly revenue: readonly string[];
}

export const paritySumsOf = ({ repaired, unexplained, revenue }: Parity): Sum[] => [
  none('events in the histories of Temporal that the ledger lacked', repaired),
  none('events in the ledger that Temporal can not explain', unexplained),
  none('currencies with a revenue other than in Temporal and in Postgres', revenue),
];

/** @param differing KPIs, each with what the ledger has of it and what came on its topic */
export const figureSumsOf = (differing: readonly string[]): Sum[] => [
  none('KPIs with figures other than the events on their topics', differing),
];

/** What asking both payment providers for each order came to, once the run was settled. */
export interface Charges {
  /** Orders whose money both providers have. */
  readonly twice: readonly string[];
}

export const chargeSumsOf = ({ twice }: Charges): Sum[] => [
  none('orders charged at two providers', twice),
];

const sum = (name: string, left: number, right: number): Sum => ({
  name,
  left,
  right,
  holds: left === right,
});

const none = (name: string, culprits: readonly string[]): Sum => ({
  ...sum(`${name} = none`, culprits.length, 0),
  ...(culprits.length > 0 && { culprits }),
});

/** The sums that do not hold, each with both its sides; empty when all hold. */
export const describeBroken = (sums: readonly Sum[]): string =>
  sums
    .filter(({ holds }) => !holds)
    .map(({ name, left, right, culprits = [] }) => {
      const named = culprits.length > 0 ? ` (${culprits.slice(0, 10).join(', ')})` : '';
      return `${name}: ${left} is not ${right}${named}`;
    })
    .join('; ');
