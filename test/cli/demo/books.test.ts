import { handledSince, moneySince } from '../../../src/cli/demo/books';
import type { Books } from '../../../src/cli/partners/books';

const kinds = ['authorized', 'declined', 'captured', 'voided', 'refunded', 'held'] as const;

/** Each kind has ten times the amount of the one before it, and `count` of them. */
function provider(amount: number, count: number): Books['payment-a'] {
  const entries = kinds.map((kind, place) => [
    kind,
    { EUR: { amount: amount * 10 ** place, count }, USD: { amount: 1, count: 1 } },
  ]);
  return Object.fromEntries(entries) as Books['payment-a'];
}

const books = (first: number, second: number, parcels: number): Books => ({
  'payment-a': provider(first, first),
  'payment-b': provider(second, second),
  carrier: { booked: 9, waiting: 1, dispatched: parcels, cancelled: 0, refused: 0 },
  warehouse: { received: 9, picking: 2, packed: parcels * 2, cancelled: 0, returned: 0 },
});

const nobody = { ...provider(0, 0) };
const empty: Books = { ...books(0, 0, 0), 'payment-a': nobody, 'payment-b': nobody };

describe('the partners’ books', () => {
  it('tell what was moved since then at both providers, and what is held now', () => {
    expect(moneySince(books(1, 2, 0), books(4, 7, 0), 'EUR')).toEqual({
      authorized: 8,
      captured: 800,
      voided: 8_000,
      refunded: 80_000,
      held: 1_100_000,
      declined: 8,
      failovers: 10,
    });
  });

  it('know nothing of a currency that never came', () => {
    expect(Object.values(moneySince(empty, empty, 'JPY'))).toEqual([0, 0, 0, 0, 0, 0, 0]);
  });

  it('tell the parcels that were handled since then, and those under way now', () => {
    expect(handledSince(books(0, 0, 3), books(0, 0, 5))).toEqual({
      packed: 4,
      dispatched: 2,
      underWay: 3,
    });
  });
});
