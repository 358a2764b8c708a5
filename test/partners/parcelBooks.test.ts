import { join } from 'node:path';
import fc from 'fast-check';
import { CarrierBooks } from '../../src/partners/carrierBooks';
import { Refusal } from '../../src/partners/refusal';
import { carrierFaults, warehouseFaults } from '../../src/partners/sums';
import { WarehouseBooks } from '../../src/partners/warehouseBooks';
import { testFolder } from '../support/testFolder';

interface Step {
  readonly do: 'take' | 'cancel' | 'finish' | 'restart';
  readonly subject: string;
  readonly refused: boolean;
}

const steps = fc.array(
  fc.record<Step>({
    do: fc.constantFrom('take', 'cancel', 'finish', 'restart'),
    subject: fc.constantFrom('A', 'B', 'C'),
    refused: fc.boolean(),
  }),
  { maxLength: 30 },
);

/** What happened to a subject, from the first step that means anything to the partner. */
function lifeOf(done: readonly Step[], subject: string): Step[] {
  const own = done.filter(step => step.subject === subject && step.do !== 'restart');
  const begin = own.findIndex(step => step.do !== 'finish');
  return begin === -1 ? [] : own.slice(begin);
}

/** How the life of a booking ended: later steps change nothing. */
const endOf = (life: readonly Step[]) => life.slice(1).find(step => step.do !== 'take')?.do;

function bookingAnswer(life: readonly Step[]): string {
  if (life[0]?.do === 'cancel') return 'Cancelled';
  if (life[0]?.refused) return 'AddressRefused';
  return endOf(life) === 'cancel' ? 'Cancelled' : 'booked';
}

function cancelAnswer(life: readonly Step[]): string {
  if (life[0]?.do !== 'take') return 'cancelled';
  if (life[0].refused) return 'refused';
  return endOf(life) === 'finish' ? 'dispatched' : 'cancelled';
}

describe('The books of a carrier, in any course of calls and restarts', () => {
  it('add up at every moment, dispatch only what waits, and are the same after a restart', () => {
    fc.assert(
      fc.property(steps, taken => {
        const path = join(testFolder(), 'c.jsonl');
        let books = new CarrierBooks('c', path);
        for (const [index, step] of taken.entries()) {
          const { do: kind, subject, refused } = step;
          const life = lifeOf(taken.slice(0, index), subject);
          if (kind === 'take') {
            expect(book(books, subject, refused)).toBe(bookingAnswer([...life, step]));
          } else if (kind === 'cancel') {
            expect(books.cancel(subject)).toBe(cancelAnswer(life));
          } else if (kind === 'finish') {
            books.dispatch(subject);
          } else {
            const again = new CarrierBooks('c', path);
            expect(again.sums()).toEqual(books.sums());
            expect(again.open()).toEqual(books.open());
            books.close();
            books = again;
          }
          expect(carrierFaults(books.sums())).toEqual([]);
        }
        books.close();
      }),
      { numRuns: 300 },
    );
  });

  it('have a dispatch to tell until it is told', () => {
    const books = new CarrierBooks('c', join(testFolder(), 'c.jsonl'));
    book(books, 'A', false);
    expect(books.dispatch('A')).toMatchObject({ bookingId: 'c-booking-1' });
    expect(books.dispatch('A')).toMatchObject({ bookingId: 'c-booking-1' });
    books.told('A');
    expect(books.dispatch('A')).toBeUndefined();
    expect(books.open()).toEqual([]);
    books.close();
  });
});

function book(books: CarrierBooks, key: string, refused: boolean): string {
  try {
    const call = { orderId: key, shipment: '1', recipient: { lastName: 'Lovelace' } };
    return books.book(key, call, refused ? 'too far' : undefined) && 'booked';
  } catch (thrown) {
    if (thrown instanceof Refusal) return thrown.code;
    throw thrown;
  }
}

describe('The books of a warehouse, in any course of messages and restarts', () => {
  it('add up at every moment, pack no cancelled order, and are the same after a restart', () => {
    fc.assert(
      fc.property(steps, taken => {
        const path = join(testFolder(), 'w.jsonl');
        let books = new WarehouseBooks(path);
        for (const [index, { do: kind, subject }] of taken.entries()) {
          const life = lifeOf(taken.slice(0, index), subject);
          const isCancelled = life.some(step => step.do === 'cancel');
          if (kind === 'take') {
            const isKnown = life.some(step => step.do === 'take');
            const parcels = books.receive(subject, ['1', '2']);
            expect(parcels).toHaveLength(isKnown || isCancelled ? 0 : 2);
          } else if (kind === 'cancel') {
            books.cancel(subject);
          } else if (kind === 'finish') {
            const isPicking = books.isPicking({ orderId: subject, shipment: '1' });
            expect(isPicking && isCancelled).toBe(false);
            books.pack({ orderId: subject, shipment: '1' });
            expect(books.isPicking({ orderId: subject, shipment: '1' })).toBe(false);
          } else {
            const again = new WarehouseBooks(path);
            expect(again.sums()).toEqual(books.sums());
            expect(again.open()).toEqual(books.open());
            books.close();
            books = again;
          }
          const sums = books.sums();
          expect(warehouseFaults(sums)).toEqual([]);
          const done = taken.slice(0, index + 1);
          const received = new Set(
            done.filter(step => step.do === 'take').map(step => step.subject),
          );
          expect(sums.received).toBe(received.size * 2);
        }
        books.close();
      }),
      { numRuns: 300 },
    );
  });
});
