/** The sums that must add up: figures of one run, collected independently, against each other; pure. */

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
    readonly latencyEvents: number;
    readonly durationEvents: number;
  };
  /** From the ledger in Postgres. */
  readonly ledger: {
    /** Ids of KPI events that are on a topic and not counted. */
    readonly uncounted: readonly string[];
  };
  /** From the register in Postgres. */
  readonly register: { readonly orders: number; readonly duplicates: number };
  /** From Temporal's visibility. */
  readonly workflows: {
    readonly all: number;
    readonly closed: number;
    readonly confirmed: number;
    readonly rejected: number;
    readonly cancelled: number;
    readonly failed: number;
    /** Ended from outside: terminated, timed out. */
    readonly terminated: number;
  };
  /** From the stock in Postgres; the first two over all that the database ever held. */
  readonly stock: {
    /** Products whose reserved pieces are not the sum of their live reservation lines. */
    readonly wronglyReserved: readonly string[];
    /** Products whose stock is not what was received and adjusted. */
    readonly wronglyOnHand: readonly string[];
    /** Confirmed orders of the run that hold none. */
    readonly missing: readonly string[];
    /** Rejected or cancelled orders of the run that hold stock. */
    readonly wronglyHolding: readonly string[];
  };
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
export function sumsOf({ sent, topics, register, workflows, stock, ledger }: Figures): Sum[] {
  return [
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
    sum('workflows = workflows closed', workflows.all, workflows.closed),
    sum(
      'confirmed + rejected + cancelled + failed + terminated = workflows closed',
      workflows.confirmed +
        workflows.rejected +
        workflows.cancelled +
        workflows.failed +
        workflows.terminated,
      workflows.closed,
    ),
    none('products with reserved other than their live reservation lines', stock.wronglyReserved),
    none('products with received + adjusted other than on hand', stock.wronglyOnHand),
    none('rejected or cancelled orders that hold stock', stock.wronglyHolding),
    none('confirmed orders that hold no stock', stock.missing),
    sum('confirmed orders = OrderConfirmed events', workflows.confirmed, topics.confirmed),
    sum('rejected orders = OrderRejected events', workflows.rejected, topics.rejected),
    sum('cancelled orders = OrderCancelled events', workflows.cancelled, topics.cancelled),
    sum(
      'orders confirmed or rejected = OrderLatency events',
      workflows.confirmed + workflows.rejected,
      topics.latencyEvents,
    ),
    sum(
      'workflows that ran to their end = OrderDuration events',
      workflows.closed - workflows.terminated,
      topics.durationEvents,
    ),
    none('KPI events on the topics that the ledger has not counted', ledger.uncounted),
  ];
}

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
