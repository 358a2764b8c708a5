/**
 * The books of a payment provider: whose money is held, what of it was taken, given back, let go.
 * For each authorization, at every moment: amount = captured + voided + held, and refunded <= captured.
 */
import {
  type Account,
  Accounts,
  type AuthorizationCall,
  type Capture,
  heldOf,
  type PaymentEntry,
  type Refund,
} from './accounts';
import { Journal } from './journal';
import { found, now, Refusal, sameBody } from './refusal';
import type { PaymentSums } from './sums';

export class PaymentBooks {
  private readonly accounts: Accounts;
  private readonly journal: Journal<PaymentEntry>;

  /** @throws OrderlyError PartnerBooksUnreadable */
  constructor(name: string, path: string) {
    const accounts = new Accounts(name);
    this.accounts = accounts;
    this.journal = new Journal(path, entry => accounts.apply(entry));
  }

  /**
   * Holds money, or declines; the same key again gets the same answer.
   * @param declined why the bank declines, where it does; only a key that is new asks the bank
   * @throws Refusal Voided, KeyReused
   */
  authorize(key: string, call: AuthorizationCall, declined?: string): Account {
    const known = this.accounts.byKey(key);
    if (known?.status === 'voided') throw new Refusal('Voided', `${key} was voided`);
    if (known === undefined) {
      this.journal.add({ kind: 'authorization', key, ...call, declined, at: now() });
    } else {
      sameBody(key, call, known);
    }
    return this.byKey(key);
  }

  /** @throws Refusal NotFound */
  byKey(key: string): Account {
    return found(this.accounts.byKey(key), `authorization with the key ${key}`);
  }

  /** Lets go of what is held. A key that is unknown is kept, so that it never holds anything later. */
  void(key: string): Account {
    const known = this.accounts.byKey(key);
    if (known === undefined || known.status === 'authorized') {
      this.journal.add({ kind: 'void', key, at: now() });
    }
    return this.byKey(key);
  }

  /** Takes a part of what is held. @throws Refusal NotFound, ExceedsHold, KeyReused */
  capture(key: string, call: Pick<Capture, 'authorizationId' | 'amount'>): Capture {
    const known = this.accounts.captureByKey(key);
    if (known === undefined) {
      const held = heldOf(this.byId(call.authorizationId));
      if (call.amount > held) throw new Refusal('ExceedsHold', `${held} is held`);
      this.journal.add({ kind: 'capture', key, ...call, at: now() });
    } else {
      sameBody(key, call, known);
    }
    return this.captureByKey(key);
  }

  /** @throws Refusal NotFound */
  captureByKey(key: string): Capture {
    return found(this.accounts.captureByKey(key), `capture with the key ${key}`);
  }

  /** Gives back a part of what was taken. @throws Refusal NotFound, ExceedsCapture, KeyReused */
  refund(key: string, call: Pick<Refund, 'captureId' | 'amount'>): Refund {
    const known = this.accounts.refundByKey(key);
    if (known === undefined) {
      const capture = found(this.accounts.capture(call.captureId), `capture ${call.captureId}`);
      const left = capture.amount - capture.refunded;
      if (call.amount > left) throw new Refusal('ExceedsCapture', `${left} is left of the capture`);
      this.journal.add({ kind: 'refund', key, ...call, at: now() });
    } else {
      sameBody(key, call, known);
    }
    return this.refundByKey(key);
  }

  /** @throws Refusal NotFound */
  refundByKey(key: string): Refund {
    return found(this.accounts.refundByKey(key), `refund with the key ${key}`);
  }

  /**
   * Up to `limit` authorizations of which something is held, in the order of their making.
   * @param after the id of the last one of the page before
   * @throws Refusal NotFound
   */
  held(limit: number, after?: string): Account[] {
    return this.accounts.held(limit, after === undefined ? undefined : this.byId(after));
  }

  sums(): PaymentSums {
    return this.accounts.sums();
  }

  close(): void {
    this.journal.close();
  }

  private byId(authorizationId: string): Account {
    return found(this.accounts.byId(authorizationId), `authorization ${authorizationId}`);
  }
}
