import { join } from 'node:path';
import fc from 'fast-check';
import { PaymentBooks } from '../../src/partners/paymentBooks';
import { Refusal } from '../../src/partners/refusal';
import { type PaymentSums, paymentFaults } from '../../src/partners/sums';
import { testFolder } from '../support/testFolder';

type Step =
  | { do: 'authorize'; key: string; amount: number; currency: string; declined: boolean }
  | { do: 'void'; key: string }
  | { do: 'capture'; key: string; of: number; amount: number }
  | { do: 'refund'; key: string; of: number; amount: number }
  | { do: 'restart' };

const key = fc.constantFrom('k1', 'k2', 'k3', 'k4');
const amount = fc.integer({ min: 0, max: 6 });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constant('authorize' as const),
    key,
    amount,
    currency: fc.constantFrom('EUR', 'JPY'),
    declined: fc.boolean(),
  }),
  fc.record({ do: fc.constant('void' as const), key }),
  // Ids that exist, and one that may not.
  fc.record({
    do: fc.constant('capture' as const),
    key,
    of: fc.integer({ min: 1, max: 4 }),
    amount,
  }),
  fc.record({
    do: fc.constant('refund' as const),
    key,
    of: fc.integer({ min: 1, max: 4 }),
    amount,
  }),
  fc.record({ do: fc.constant('restart' as const) }),
);

/** What a provider must answer, from nothing but the list of all that was ever accepted. */
class Model {
  readonly accepted: (Exclude<Step, { do: 'restart' }> & { let?: number })[] = [];

  of<Kind extends Step['do']>(kind: Kind) {
    return this.accepted.filter(
      (entry): entry is (typeof this.accepted)[number] & { do: Kind } => entry.do === kind,
    );
  }

  /** Tombstones take an id as well, so ids count whatever opened an account. */
  private accounts() {
    const seen = new Set<string>();
    return this.accepted.filter(entry => {
      const opens = (entry.do === 'authorize' || entry.do === 'void') && !seen.has(entry.key);
      if (opens) seen.add(entry.key);
      return opens;
    });
  }

  held(key: string): number {
    const authorization = this.of('authorize').find(entry => entry.key === key);
    if (authorization === undefined || authorization.declined) return 0;
    if (this.of('void').some(entry => entry.key === key)) return 0;
    return authorization.amount - total(this.capturesOf(key));
  }

  capturesOf(key: string) {
    const id = this.accounts().findIndex(entry => entry.key === key) + 1;
    return this.of('capture').filter(entry => entry.of === id);
  }

  /** The code of the refusal that must follow; undefined where the step must be taken. */
  take(taken: Exclude<Step, { do: 'restart' }>): string | undefined {
    const before = this.accepted.filter(
      entry => entry.do === taken.do && entry.key === taken.key,
    )[0];
    const refusal = this.refusalOf(taken, before);
    if (refusal !== undefined || before !== undefined) return refusal;
    const letGo = taken.do === 'void' ? this.held(taken.key) : undefined;
    this.accepted.push({ ...taken, let: letGo });
    return undefined;
  }

  private refusalOf(taken: Exclude<Step, { do: 'restart' }>, before: object | undefined) {
    if (taken.do === 'void') return undefined;
    if (taken.do === 'authorize') {
      const known = this.of('authorize').find(entry => entry.key === taken.key);
      const isVoided = this.of('void').some(entry => entry.key === taken.key);
      if (isVoided && known?.declined !== true) return 'Voided';
      const isSame = known?.amount === taken.amount && known.currency === taken.currency;
      return known === undefined || isSame ? undefined : 'KeyReused';
    }
    if (before !== undefined) {
      const { of, amount } = Object(before);
      return of === taken.of && amount === taken.amount ? undefined : 'KeyReused';
    }
    if (taken.do === 'capture') {
      const account = this.accounts()[taken.of - 1];
      if (account === undefined) return 'NotFound';
      return taken.amount > this.held(account.key) ? 'ExceedsHold' : undefined;
    }
    const capture = this.of('capture')[taken.of - 1];
    if (capture === undefined) return 'NotFound';
    const given = total(this.of('refund').filter(({ of }) => of === taken.of));
    return taken.amount > capture.amount - given ? 'ExceedsCapture' : undefined;
  }

  sum(kind: keyof PaymentSums, currency: string): number {
    const inCurrency = this.of('authorize').filter(entry => entry.currency === currency);
    const taken = inCurrency.filter(({ declined }) => !declined);
    const captures = taken.flatMap(entry => this.capturesOf(entry.key));
    const all = this.of('capture');
    switch (kind) {
      case 'authorized':
        return total(taken);
      case 'declined':
        return total(inCurrency) - total(taken);
      case 'captured':
        return total(captures);
      case 'held':
        return taken.reduce((sum, entry) => sum + this.held(entry.key), 0);
      case 'voided':
        return this.of('void')
          .filter(entry => taken.some(({ key }) => key === entry.key))
          .reduce((sum, entry) => sum + (entry.let ?? 0), 0);
      case 'refunded':
        return total(this.of('refund').filter(({ of }) => captures.includes(all[of - 1]!)));
    }
  }
}

const total = (entries: readonly { readonly amount: number }[]): number =>
  entries.reduce((sum, entry) => sum + entry.amount, 0);

/** The code of the refusal; undefined where it was done. */
function perform(books: PaymentBooks, taken: Exclude<Step, { do: 'restart' }>): string | undefined {
  try {
    if (taken.do === 'void') books.void(taken.key);
    else if (taken.do === 'authorize') {
      const call = { orderId: 'A-1', amount: taken.amount, currency: taken.currency };
      books.authorize(taken.key, call, taken.declined ? 'no money' : undefined);
    } else if (taken.do === 'capture') {
      const authorizationId = `p-authorization-${taken.of}`;
      books.capture(taken.key, { authorizationId, amount: taken.amount });
    } else {
      books.refund(taken.key, { captureId: `p-capture-${taken.of}`, amount: taken.amount });
    }
    return undefined;
  } catch (thrown) {
    if (thrown instanceof Refusal) return thrown.code;
    throw thrown;
  }
}

describe('The books of a payment provider, in any course of calls and restarts', () => {
  it('do each key once, add up at every moment, and are the same after a restart', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), steps => {
        const path = join(testFolder(), 'p.jsonl');
        const opened = [new PaymentBooks('p', path)];
        const model = new Model();
        for (const taken of steps) {
          const books = opened.at(-1)!;
          if (taken.do === 'restart') {
            // Not closed before: its process was killed.
            const again = new PaymentBooks('p', path);
            expect(again.sums()).toEqual(books.sums());
            expect(again.held(10)).toEqual(books.held(10));
            opened.push(again);
            continue;
          }
          expect(perform(books, taken)).toBe(model.take(taken));
          const sums = books.sums();
          expect(paymentFaults(sums)).toEqual([]);
          for (const [kind, byCurrency] of Object.entries(sums)) {
            for (const currency of ['EUR', 'JPY']) {
              const expected = model.sum(kind as keyof PaymentSums, currency);
              expect([kind, byCurrency[currency]?.amount ?? 0]).toEqual([kind, expected]);
            }
          }
        }
        for (const books of opened) books.close();
      }),
      { numRuns: 300 },
    );
  });
});
