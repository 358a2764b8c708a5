/** The money must add up: by the providers' own books, as a whole and order by order. */
import { type Account, accountsOf, money, moneyAt } from './books';
import { type Partners, providers } from './partners';

/**
 * Expects that no provider holds money for any of these orders, and nobody else's; that each provider's
 * books are sound; that no order was charged at two places, or twice; and that it paid for what was
 * shipped of it, and for nothing else.
 * @param orderIds every order there is, all of them closed
 * @param shippedWorth minor units by order
 */
export async function expectMoneyToAddUp(
  partners: Partners,
  orderIds: readonly string[],
  shippedWorth: ReadonlyMap<string, number>,
): Promise<void> {
  for (const provider of providers) {
    const { authorized, captured, voided, held } = await moneyAt(partners, provider);
    expect([provider, authorized]).toEqual([provider, captured + voided + held]);
    expect([provider, held]).toEqual([provider, 0]);
    expect(await partners.ask(provider, '/authorizations?status=held&limit=1000')).toEqual([]);
  }
  const accounts = await accountsOf(partners, orderIds);
  const ofOrder = (orderId: string) => accounts.filter(account => account.orderId === orderId);
  const charged = ofOrderWith(accounts, account => account.captured > 0);
  expect(charged).toEqual([...new Set(charged)]);
  const paid = orderIds.map(orderId => [
    orderId,
    sum(ofOrder(orderId), ({ captured, refunded }) => captured - refunded),
  ]);
  expect(paid).toEqual(orderIds.map(orderId => [orderId, shippedWorth.get(orderId) ?? 0]));

  const all = await money(partners);
  const granted = accounts.filter(({ status }) => status !== 'declined');
  expect(all).toEqual({
    authorized: sum(granted, ({ amount }) => amount),
    captured: sum(accounts, ({ captured }) => captured),
    voided: sum(granted, ({ voided }) => voided),
    refunded: sum(accounts, ({ refunded }) => refunded),
    held: 0,
  });
  expect(all.captured).toBe(sum([...shippedWorth.values()], worth => worth) + all.refunded);
}

const ofOrderWith = (
  accounts: readonly Account[],
  condition: (account: Account) => boolean,
): string[] => accounts.filter(condition).map(({ orderId }) => orderId);

const sum = <T>(items: readonly T[], of: (item: T) => number): number =>
  items.reduce((before, item) => before + of(item), 0);
