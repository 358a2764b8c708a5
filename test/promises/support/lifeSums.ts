/** The sums over the whole life of orders that are all closed: orders, parcels, stock and money. */
import { waitFor } from '../../support/waitFor';
import { type Announced, orderOfParcel, type Parcels, readAnnounced } from './announced';
import { carrierBooks, warehouseBooks } from './books';
import { expectMoneyToAddUp } from './moneySums';
import { results } from './orders';
import type { Partners } from './partners';
import { expectStockToAddUp, ordersWithStock } from './stockSums';
import { expectOrdersToBeClosedOnce } from './sums';
import { eventIds } from './topics';
import { unitPrice, type World } from './world';

/**
 * Expects that every order was closed exactly once and announced as what it became, that each of its
 * parcels was shipped or is accounted for, that none of them holds stock or money any more, and that no
 * person had to help: by what Kafka, Temporal and Postgres hold, and by the partners' own books. The
 * partners are well from then on.
 * @param terminated the orders whose workflow somebody ended
 */
export async function expectLivesToAddUp(
  world: World,
  partners: Partners,
  terminated: readonly string[] = [],
): Promise<void> {
  await partners.beWell();
  const orderIds = await expectOrdersToBeClosedOnce(world, terminated);
  const announced = await readAnnounced(world);
  expect(announced.troubles).toEqual([]);
  await expectOutcomesToBeAnnounced(world, orderIds, announced);
  await expectParcelsToAddUp(world, partners, announced);
  await expectStockToAddUp(world);
  expect(await ordersWithStock(world)).toEqual([]);
  await expectMoneyToAddUp(partners, orderIds, worthByOrder(announced.shipped));
}

async function expectOutcomesToBeAnnounced(
  world: World,
  orderIds: readonly string[],
  { promised, cancelled }: Announced,
): Promise<void> {
  const outcomes = await results(world, orderIds);
  const withOutcome = (...wanted: readonly string[]) =>
    orderIds.filter(orderId => wanted.includes(outcomes.get(orderId)!.outcome)).sort();
  expect([...cancelled].sort()).toEqual(withOutcome('cancelled'));
  const rejected = withOutcome('rejected').map(orderId => `OrderRejected:${orderId}`);
  expect(await eventIds(world, 'OrderRejected')).toEqual(new Set(rejected));
  const confirmed = [...new Set([...promised.keys()].map(orderOfParcel))].sort();
  const fulfilled = confirmed.filter(orderId => !cancelled.has(orderId));
  expect(fulfilled).toEqual(withOutcome('completed', 'failed'));
}

async function expectParcelsToAddUp(
  world: World,
  partners: Partners,
  { promised, shipped, failed, cancelled }: Announced,
): Promise<void> {
  const calledOff = [...promised.keys()].filter(parcel => cancelled.has(orderOfParcel(parcel)));
  expect([...shipped.keys(), ...failed, ...calledOff].sort()).toEqual([...promised.keys()].sort());
  const contents = [...shipped].map(([parcel]) => [parcel, promised.get(parcel)]);
  expect([...shipped]).toEqual(contents);
  expect(await parcelsOutOfStock(world)).toEqual(piecesIn(shipped));
  expect(await parcelWorkflows(world)).toEqual([...shipped.keys(), ...failed].sort());

  // The warehouse hears of a cancellation when it comes to it.
  await waitFor(async () => (await warehouseBooks(partners)).picking === 0, 'picking to end');
  const { packed } = await warehouseBooks(partners);
  expect(packed).toBe(shipped.size + failed.size);
  const { dispatched, waiting } = await carrierBooks(partners);
  expect({ dispatched, waiting }).toEqual({ dispatched: shipped.size, waiting: 0 });
}

/** What left the stock, as `<orderId>:<shipment>:<productCode>` with the pieces, by that name. */
async function parcelsOutOfStock(world: World): Promise<[string, number][]> {
  const rows = await world.sql<{ name: string; pieces: string }>(
    `SELECT substr(idempotency_key, length('shipped:') + 1) AS name, -quantity AS pieces
     FROM stock_movements WHERE kind = 'shipped'`,
  );
  return rows.map(({ name, pieces }): [string, number] => [name, Number(pieces)]).sort(byName);
}

const piecesIn = (parcels: Parcels): [string, number][] =>
  [...parcels]
    .flatMap(([parcel, products]) =>
      products.map(({ productCode, quantity }): [string, number] => [
        `${parcel}:${productCode}`,
        quantity,
      ]),
    )
    .sort(byName);

const byName = ([a]: [string, number], [b]: [string, number]): number => (a < b ? -1 : 1);

/** The parcels whose workflow was closed, each as often as it ran; fails where one did not end by itself. */
async function parcelWorkflows({ temporal }: World): Promise<string[]> {
  const parcels: string[] = [];
  for await (const { workflowId, status } of temporal.workflow.list({
    query: `WorkflowType = 'shipment'`,
  })) {
    expect([workflowId, status.name]).toEqual([workflowId, 'COMPLETED']);
    parcels.push(workflowId.replace(/^shipment-(.*)-(\d+)$/, '$1:$2'));
  }
  return parcels.sort();
}

/** Minor units. */
function worthByOrder(parcels: Parcels): Map<string, number> {
  const worth = new Map<string, number>();
  for (const [parcel, products] of parcels) {
    const orderId = orderOfParcel(parcel);
    const pieces = products.reduce((sum, { quantity }) => sum + quantity, 0);
    worth.set(orderId, (worth.get(orderId) ?? 0) + pieces * unitPrice);
  }
  return worth;
}
