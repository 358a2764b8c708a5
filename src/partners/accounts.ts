/** What the entries of a payment provider's journal add up to. Nothing is judged here, only kept. */
import type { PaymentSums, Sums } from './sums';

export interface AuthorizationCall {
  readonly orderId: string;
  /** Minor units of `currency`. */
  readonly amount: number;
  readonly currency: string;
}

/** One authorization. Declined: nothing was ever held. Voided: nothing is held any more. */
export interface Account extends AuthorizationCall {
  readonly authorizationId: string;
  readonly key: string;
  readonly status: 'authorized' | 'declined' | 'voided';
  /** Why the bank declined. */
  readonly reason?: string;
  readonly captured: number;
  readonly refunded: number;
  readonly voided: number;
  readonly at: string;
}

export interface Capture {
  readonly captureId: string;
  readonly authorizationId: string;
  readonly amount: number;
  readonly refunded: number;
}

export interface Refund {
  readonly refundId: string;
  readonly captureId: string;
  readonly amount: number;
}

interface Keyed {
  readonly key: string;
  readonly at: string;
}

export type PaymentEntry =
  | ({ readonly kind: 'authorization'; readonly declined?: string } & Keyed & AuthorizationCall)
  | ({ readonly kind: 'void' } & Keyed)
  | ({ readonly kind: 'capture' } & Keyed & Pick<Capture, 'authorizationId' | 'amount'>)
  | ({ readonly kind: 'refund' } & Keyed & Pick<Refund, 'captureId' | 'amount'>);

type Of<Kind extends PaymentEntry['kind']> = Extract<PaymentEntry, { kind: Kind }>;

/** Of a key that was voided before it held anything: ISO 4217 for no currency. */
const noCurrency = 'XXX';

export const heldOf = ({ status, amount, captured, voided }: Account): number =>
  status === 'declined' ? 0 : amount - captured - voided;

export class Accounts {
  private readonly accounts: Account[] = [];
  private readonly places = { byKey: new Map<string, number>(), byId: new Map<string, number>() };
  private readonly captures = new Map<string, Capture>();
  private readonly captureIds = new Map<string, string>();
  private readonly refunds = new Map<string, Refund>();
  private readonly moved: Record<Exclude<keyof PaymentSums, 'held'>, Sums> = {
    authorized: {},
    declined: {},
    captured: {},
    voided: {},
    refunded: {},
  };

  /** @param name whose ids these are */
  constructor(private readonly name: string) {}

  byKey(key: string): Account | undefined {
    return this.accounts[this.places.byKey.get(key) ?? -1];
  }

  byId(authorizationId: string): Account | undefined {
    return this.accounts[this.places.byId.get(authorizationId) ?? -1];
  }

  capture(captureId: string): Capture | undefined {
    return this.captures.get(captureId);
  }

  captureByKey(key: string): Capture | undefined {
    return this.captures.get(this.captureIds.get(key) ?? '');
  }

  refundByKey(key: string): Refund | undefined {
    return this.refunds.get(key);
  }

  /** Up to `limit` accounts of which something is held, in the order of their making. */
  held(limit: number, after?: Account): Account[] {
    const begin = after === undefined ? 0 : this.places.byKey.get(after.key)! + 1;
    const page: Account[] = [];
    for (let place = begin; place < this.accounts.length && page.length < limit; place++) {
      const account = this.accounts[place]!;
      if (heldOf(account) > 0) page.push(account);
    }
    return page;
  }

  sums(): PaymentSums {
    const open = this.accounts.filter(account => heldOf(account) > 0);
    const held = open.reduce<Sums>(
      (sums, account) => plus(sums, account.currency, heldOf(account)),
      {},
    );
    return { ...this.moved, held };
  }

  apply(entry: PaymentEntry): void {
    if (entry.kind === 'authorization') this.open(entry);
    else if (entry.kind === 'void') this.void(entry);
    else if (entry.kind === 'capture') this.take(entry);
    else this.giveBack(entry);
  }

  private open({ key, orderId, amount, currency, declined, at }: Of<'authorization'>): void {
    const status = declined === undefined ? 'authorized' : 'declined';
    this.add({ key, orderId, amount, currency, status, reason: declined, at });
    this.count(status, currency, amount);
  }

  private void({ key, at }: Of<'void'>): void {
    const account = this.byKey(key);
    if (account === undefined) {
      this.add({ key, orderId: '', amount: 0, currency: noCurrency, status: 'voided', at });
      return;
    }
    const voided = heldOf(account);
    this.replace({ ...account, status: 'voided', voided });
    if (voided > 0) this.count('voided', account.currency, voided);
  }

  private take({ key, authorizationId, amount }: Of<'capture'>): void {
    const account = this.byId(authorizationId)!;
    const captureId = `${this.name}-capture-${this.captures.size + 1}`;
    this.captures.set(captureId, { captureId, authorizationId, amount, refunded: 0 });
    this.captureIds.set(key, captureId);
    this.replace({ ...account, captured: account.captured + amount });
    this.count('captured', account.currency, amount);
  }

  private giveBack({ key, captureId, amount }: Of<'refund'>): void {
    const capture = this.captures.get(captureId)!;
    const account = this.byId(capture.authorizationId)!;
    const refundId = `${this.name}-refund-${this.refunds.size + 1}`;
    this.refunds.set(key, { refundId, captureId, amount });
    this.captures.set(captureId, { ...capture, refunded: capture.refunded + amount });
    this.replace({ ...account, refunded: account.refunded + amount });
    this.count('refunded', account.currency, amount);
  }

  private add(
    account: Omit<Account, 'authorizationId' | 'captured' | 'refunded' | 'voided'>,
  ): void {
    const place = this.accounts.length;
    const authorizationId = `${this.name}-authorization-${place + 1}`;
    this.accounts.push({ authorizationId, ...account, captured: 0, refunded: 0, voided: 0 });
    this.places.byKey.set(account.key, place);
    this.places.byId.set(authorizationId, place);
  }

  private replace(account: Account): void {
    this.accounts[this.places.byKey.get(account.key)!] = account;
  }

  private count(movement: keyof Accounts['moved'], currency: string, amount: number): void {
    this.moved[movement] = plus(this.moved[movement], currency, amount);
  }
}

function plus(sums: Sums, currency: string, amount: number): Sums {
  const before = sums[currency] ?? { amount: 0, count: 0 };
  return { ...sums, [currency]: { amount: before.amount + amount, count: before.count + 1 } };
}
