/** What the partners' own books say, since a moment; pure. Their books know no runs, only sums. */
import type { Books } from '../partners/books';

/** Of both payment providers together, in minor units of one currency. */
export interface Money {
  readonly authorized: number;
  readonly captured: number;
  readonly voided: number;
  readonly refunded: number;
  /** Now, whenever it was authorized. */
  readonly held: number;
  /** Orders that a bank declined. */
  readonly declined: number;
  /** Orders that went to the second provider, because the first was down or slow. */
  readonly failovers: number;
}

/** Parcels. */
export interface Handled {
  /** By the warehouse; without what it unpacked again. */
  readonly packed: number;
  /** By the carrier. */
  readonly dispatched: number;
  /** In the warehouse or at the carrier now, whenever they began. */
  readonly underWay: number;
}

const providers = ['payment-a', 'payment-b'] as const;

export function moneySince(before: Books, now: Books, currency: string): Money {
  const sumOf = (books: Books, kind: keyof Books['payment-a']) =>
    providers.reduce((sum, name) => sum + (books[name][kind][currency]?.amount ?? 0), 0);
  const grown = (kind: keyof Books['payment-a']) => sumOf(now, kind) - sumOf(before, kind);
  return {
    authorized: grown('authorized'),
    captured: grown('captured'),
    voided: grown('voided'),
    refunded: grown('refunded'),
    held: sumOf(now, 'held'),
    declined: declinedIn(now, currency) - declinedIn(before, currency),
    failovers: askedSecond(now, currency) - askedSecond(before, currency),
  };
}

const declinedIn = (books: Books, currency: string): number =>
  providers.reduce((sum, name) => sum + (books[name].declined[currency]?.count ?? 0), 0);

const askedSecond = ({ 'payment-b': { authorized, declined } }: Books, currency: string): number =>
  (authorized[currency]?.count ?? 0) + (declined[currency]?.count ?? 0);

export function handledSince(before: Books, now: Books): Handled {
  return {
    packed: now.warehouse.packed - before.warehouse.packed,
    dispatched: now.carrier.dispatched - before.carrier.dispatched,
    underWay: now.warehouse.picking + now.carrier.waiting,
  };
}
