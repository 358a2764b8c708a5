/** What the partners' own books say. */
import { type PartnerName, type Partners, providers } from './partners';

export const moneyKinds = ['authorized', 'captured', 'voided', 'refunded', 'held'] as const;

/** Minor units of EUR: the only currency here. */
export type Money = Record<(typeof moneyKinds)[number], number>;

type Books = Record<(typeof moneyKinds)[number], { readonly EUR?: { readonly amount: number } }>;

export async function moneyAt(partners: Partners, provider: PartnerName): Promise<Money> {
  const books = await partners.ask<Books>(provider, '/books');
  const amounts = moneyKinds.map(kind => [kind, books![kind].EUR?.amount ?? 0]);
  return Object.fromEntries(amounts) as Money;
}

/** At both providers together. */
export async function money(partners: Partners): Promise<Money> {
  const [first, second] = await Promise.all(providers.map(name => moneyAt(partners, name)));
  const sums = moneyKinds.map(kind => [kind, first![kind] + second![kind]]);
  return Object.fromEntries(sums) as Money;
}

/** What became of one order's money at one provider, under one key. */
export interface Account {
  readonly provider: PartnerName;
  readonly orderId: string;
  readonly status: 'authorized' | 'declined' | 'voided';
  readonly amount: number;
  readonly captured: number;
  readonly voided: number;
  readonly refunded: number;
}

/**
 * An order that no provider answered asks them again, under another key, after pauses that double: more
 * rounds would take longer than any test waits.
 */
const rounds = [1, 2, 3, 4, 5, 6] as const;

/** Everything that the providers have of these orders. Call it while they are well. */
export async function accountsOf(
  partners: Partners,
  orderIds: readonly string[],
): Promise<Account[]> {
  const accounts: Account[] = [];
  for (const orderId of orderIds) {
    for (const provider of providers) {
      for (const round of rounds) {
        const path = `/authorizations/by-key/${orderId}:authorize:${round}`;
        const account = await partners.ask<Account>(provider, path);
        if (account !== undefined) accounts.push({ ...account, provider, orderId });
      }
    }
  }
  return accounts;
}

export interface CarrierBooks {
  readonly booked: number;
  readonly waiting: number;
  readonly dispatched: number;
  readonly cancelled: number;
}

export interface WarehouseBooks {
  readonly received: number;
  readonly picking: number;
  readonly packed: number;
  readonly cancelled: number;
  readonly returned: number;
}

export const carrierBooks = async (partners: Partners): Promise<CarrierBooks> =>
  (await partners.ask<CarrierBooks>('carrier', '/books'))!;

export const warehouseBooks = async (partners: Partners): Promise<WarehouseBooks> =>
  (await partners.ask<WarehouseBooks>('warehouse', '/books'))!;
