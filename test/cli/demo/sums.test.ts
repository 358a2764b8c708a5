import { describeBroken, type Figures, paritySumsOf, sumsOf } from '../../../src/cli/demo/sums';

/** Twenty submissions, all settled. */
const settled: Figures = {
  sent: { submissions: 20, duplicate: 1, conflicting: 1, malformed: 2 },
  topics: {
    received: 20,
    deadLetters: 3,
    conflicts: 1,
    confirmed: 12,
    rejected: 2,
    cancelled: 1,
    latencyEvents: 14,
    durationEvents: 15,
  },
  register: { orders: 16, duplicates: 1 },
  workflows: {
    all: 16,
    closed: 16,
    confirmed: 12,
    rejected: 2,
    cancelled: 1,
    failed: 0,
    terminated: 1,
  },
  stock: { wronglyReserved: [], wronglyOnHand: [], missing: [], wronglyHolding: [] },
  ledger: { uncounted: [] },
};

const broken = (figures: Figures): string[] =>
  sumsOf(figures)
    .filter(({ holds }) => !holds)
    .map(({ name }) => name);

type Part = 'sent' | 'topics' | 'register' | 'workflows';

const counts = (['sent', 'topics', 'register', 'workflows'] as const).flatMap(part =>
  Object.keys(settled[part]).map(figure => ({ part, figure })),
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
    { figure: 'wronglyOnHand', name: 'products with received + adjusted other than on hand' },
    { figure: 'missing', name: 'confirmed orders that hold no stock' },
    { figure: 'wronglyHolding', name: 'rejected or cancelled orders that hold stock' },
  ])('break for the stock when there is one in $figure, and name it', ({ figure, name }) => {
    const figures = { ...settled, stock: { ...settled.stock, [figure]: ['TEA-100'] } };
    expect(broken(figures)).toEqual([expect.stringContaining(name)]);
    expect(describeBroken(sumsOf(figures))).toContain('1 is not 0 (TEA-100)');
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
    const lost = describeBroken(sumsOf(changedBy('topics', 'confirmed', -1)));
    expect(lost).toBe('confirmed orders = OrderConfirmed events: 12 is not 11');
  });

  it('do not hold for a run of which nothing is known yet, unless nothing was sent', () => {
    const nothing: Figures = {
      sent: { submissions: 0, duplicate: 0, conflicting: 0, malformed: 0 },
      topics: {
        received: 0,
        deadLetters: 0,
        conflicts: 0,
        confirmed: 0,
        rejected: 0,
        cancelled: 0,
        latencyEvents: 0,
        durationEvents: 0,
      },
      register: { orders: 0, duplicates: 0 },
      workflows: {
        all: 0,
        closed: 0,
        confirmed: 0,
        rejected: 0,
        cancelled: 0,
        failed: 0,
        terminated: 0,
      },
      stock: settled.stock,
      ledger: settled.ledger,
    };
    expect(broken(nothing)).toEqual([]);
    expect(broken({ ...nothing, sent: settled.sent })).not.toEqual([]);
  });
});
