import {
  chargeSumsOf,
  describeBroken,
  type Figures,
  figureSumsOf,
  paritySumsOf,
  sumsOf,
} from '../../../src/cli/demo/sums';

/** Twenty submissions, all settled: of twelve orders confirmed, one is cancelled, one can not be sent. */
const settled: Figures = {
  sent: { submissions: 20, duplicate: 1, conflicting: 1, malformed: 2 },
  topics: {
    received: 20,
    deadLetters: 3,
    conflicts: 1,
    confirmed: 12,
    rejected: 2,
    cancelled: 2,
    cancelledAfterConfirmation: 1,
    backOrdered: 3,
    shipped: 14,
    shippedValue: 7_000,
    shipmentsFailed: 1,
    latencyEvents: 14,
    durationEvents: 15,
    backOrderEvents: 3,
    shipmentEvents: 15,
  },
  register: { orders: 16, duplicates: 1 },
  workflows: {
    all: 16,
    closed: 16,
    completed: 10,
    rejected: 2,
    cancelled: 2,
    partlyFailed: 1,
    failed: 0,
    terminated: 1,
  },
  shipments: { all: 15, closed: 15 },
  stock: { wronglyReserved: [], wronglyOnHand: [], wronglyWaiting: [], holding: [], shipped: 14 },
  money: {
    authorized: 9_000,
    captured: 7_500,
    voided: 1_500,
    refunded: 500,
    held: 0,
    declined: 2,
    failovers: 3,
  },
  handled: { packed: 15, dispatched: 14, underWay: 0 },
  ledger: { uncounted: [] },
};

const broken = (figures: Figures): string[] =>
  sumsOf(figures)
    .filter(({ holds }) => !holds)
    .map(({ name }) => name);

type Part = 'sent' | 'topics' | 'register' | 'workflows' | 'shipments' | 'money' | 'handled';

const parts: readonly Part[] = [
  'sent',
  'topics',
  'register',
  'workflows',
  'shipments',
  'money',
  'handled',
];

/** Told, and part of no sum: an order may be declined, and then be cancelled or find another provider. */
const isTold = (figure: string) => figure === 'failovers' || figure === 'declined';

const counts = parts.flatMap(part =>
  Object.keys(settled[part])
    .filter(figure => !isTold(figure))
    .map(figure => ({ part, figure })),
);

function changedBy(part: Part, figure: string, by: number): Figures {
  const figures: Record<string, number> = { ...settled[part] };
  figures[figure]! += by;
  return { ...settled, [part]: figures };
}

describe('the sums', () => {
  it('all hold for a run that is settled', () => {
    expect(broken(settled)).toEqual([]);
    expect(describeBroken(sumsOf(settled))).toBe('');
  });

  it.each(counts)('break when $part.$figure is one too many or too few', ({ part, figure }) => {
    expect(broken(changedBy(part, figure, 1))).not.toEqual([]);
    expect(broken(changedBy(part, figure, -1))).not.toEqual([]);
  });

  it.each([
    { figure: 'wronglyReserved', name: 'products with reserved other than' },
    { figure: 'wronglyOnHand', name: 'received + adjusted other than on hand + shipped' },
    { figure: 'wronglyWaiting', name: 'back-orders other than what waiting orders want' },
    { figure: 'holding', name: 'closed orders that hold stock' },
  ])('break for the stock when there is one in $figure, and name it', ({ figure, name }) => {
    const figures = { ...settled, stock: { ...settled.stock, [figure]: ['TEA-100'] } };
    expect(broken(figures)).toEqual([expect.stringContaining(name)]);
    expect(describeBroken(sumsOf(figures))).toContain('1 is not 0 (TEA-100)');
  });

  it('break when a parcel left the stock that nobody was told of', () => {
    const figures = { ...settled, stock: { ...settled.stock, shipped: 15 } };
    expect(describeBroken(sumsOf(figures))).toBe(
      'OrderShipped events = parcels that left the stock: 14 is not 15',
    );
  });

  it('break when money was taken for what never left, by the sum that says so', () => {
    expect(broken(changedBy('money', 'captured', 1))).toContain(
      'captured = value of the parcels shipped + refunded',
    );
  });

  it('break when an order was charged twice, and name it', () => {
    expect(describeBroken(chargeSumsOf({ twice: [] }))).toBe('');
    expect(describeBroken(chargeSumsOf({ twice: ['A-1'] }))).toContain('(A-1)');
  });

  it('break when a KPI has other figures than the events on its topic, and name it', () => {
    expect(describeBroken(figureSumsOf([]))).toBe('');
    expect(describeBroken(figureSumsOf(['revenue@1: 2, and 3 on its topic']))).toContain(
      '1 is not 0 (revenue@1: 2, and 3 on its topic)',
    );
  });

  it('break when the ledger has not counted an event that is on its topic, and name it', () => {
    const id = 'order-latency@1:milestone:order-a:OrderConfirmed';
    expect(describeBroken(sumsOf({ ...settled, ledger: { uncounted: [id] } }))).toContain(id);
  });

  it.each(['repaired', 'unexplained', 'revenue'] as const)(
    'break when comparing with Temporal leaves something %s, and name it',
    figure => {
      const parity = { matched: 90, repaired: [], unexplained: [], revenue: [] };
      expect(describeBroken(paritySumsOf(parity))).toBe('');
      expect(describeBroken(paritySumsOf({ ...parity, [figure]: ['this one'] }))).toContain(
        'this one',
      );
    },
  );

  it('name both sides of each one that does not hold', () => {
    const lost = describeBroken(sumsOf(changedBy('topics', 'rejected', -1)));
    expect(lost).toBe('rejected orders = OrderRejected events: 2 is not 1');
  });

  it('do not hold for a run of which nothing is known yet, unless nothing was sent', () => {
    const none = <P extends Record<string, number>>(part: P) =>
      Object.fromEntries(Object.keys(part).map(figure => [figure, 0])) as P;
    const nothing: Figures = {
      sent: none({ ...settled.sent }),
      topics: none({ ...settled.topics }),
      register: none({ ...settled.register }),
      workflows: none({ ...settled.workflows }),
      shipments: none({ ...settled.shipments }),
      stock: { ...settled.stock, shipped: 0 },
      money: none({ ...settled.money }),
      handled: none({ ...settled.handled }),
      ledger: settled.ledger,
    };
    expect(broken(nothing)).toEqual([]);
    expect(broken({ ...nothing, sent: settled.sent })).not.toEqual([]);
  });
});
