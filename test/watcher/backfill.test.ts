/** A version that is still to come counts the past, from the histories of the real Temporal. */
import { randomUUID } from 'node:crypto';
import { Catalogue } from '../../src/kpi/catalogue';
import { countBatch } from '../../src/postgres/ledger';
import { eventKey } from '../../src/postgres/ledgerEvents';
import { registerRefusals } from '../../src/postgres/register';
import { backfill } from '../../src/watcher/backfill';
import type { PassOptions } from '../../src/watcher/passes';
import { reconcileSpan } from '../../src/watcher/reconciler';
import { waitFor } from '../support/waitFor';
import { catalogue, idOf, type OrderWorld, openOrderWorld, quietPass } from './orderWorld';

jest.setTimeout(120_000);

/** Both as they are, and once more as version 2, which nobody captures yet. */
const counting = new Catalogue(
  [
    ...catalogue.definitions,
    ...['revenue', 'inventory-errors'].map(name => ({
      ...catalogue.find(name, 1)!,
      version: 2,
      effectiveFrom: '2099-01-01',
    })),
  ].map(definition => ({ file: `${definition.name}.v${definition.version}.yaml`, definition })),
);

let world: OrderWorld;
let options: PassOptions;
beforeAll(async () => {
  world = await openOrderWorld(counting);
  options = {
    ...world.reconciler,
    ...{ namespace: 'default', graceMs: 0, keepMs: 35 * 86_400_000 },
  };
});
afterAll(() => world?.close());

const products = [{ productCode: 'TEA', quantity: 1 }];
const nothing = () => undefined;
const span = () => ({ from: Date.now() - 60_000, to: Date.now() + 1 });

/** As a ledger does that has not met the definition. */
const refuse = (id: string, reason: string) =>
  countBatch(world.database.pool, {
    ...{ events: [], progress: [] },
    refusals: [{ key: eventKey(id), topic: 'test', reason }],
  });

it('publishes the events of that version alone, under ids of their own, and each counts once', async () => {
  const ids = await world.start(
    [false, false, true].map(synthetic => ({ orderId: randomUUID(), products, synthetic })),
  );
  await world.untilClosed(ids);
  const captured = await waitFor(() => {
    const records = world.captured(ids);
    return new Set(records.map(idOf)).size >= 3 * 6 ? records : undefined;
  });
  await world.count(captured);
  const digest = randomUUID();
  const refusal = { originDigest: digest, kind: 'DuplicateOrder', orderId: 'a', synthetic: false };
  await registerRefusals(world.database.pool, [{ ...refusal, at: Date.now() }]);

  const revenue = { name: 'revenue', version: 2 };
  const progress = new Set<string>();
  const first = await backfill(options, revenue, span(), (runs, total) => {
    progress.add(`${runs} of ${total}`);
  });
  expect([...progress]).toEqual(['3 of 3']);
  expect(first).toMatchObject({ runs: 3, published: 3, refusedBefore: {}, known: 0 });
  expect(world.repaired.map(idOf).sort()).toEqual(
    ids.map(id => `revenue@2:milestone:${id}:OrderConfirmed`).sort(),
  );
  expect(world.repaired.every(({ headers }) => headers?.ce_reconciled === 'true')).toBe(true);

  await world.count([...world.repaired, ...world.repaired]);
  const again = await backfill(options, revenue, span(), nothing);
  expect(again).toMatchObject({ runs: 3, published: 0, known: 3 });
  const { rows } = await world.database.pool.query(
    `SELECT version, synthetic, sum(count)::integer AS count, sum(sum)::integer AS sum
     FROM kpi_minutes JOIN kpi_series USING (series_id)
     WHERE kpi = 'revenue' AND NOT total GROUP BY version, synthetic ORDER BY version, synthetic`,
  );
  expect(rows).toEqual(
    [1, 2].flatMap(version => [
      { version, synthetic: false, count: 2, sum: 1_000 },
      { version, synthetic: true, count: 1, sum: 500 },
    ]),
  );

  world.repaired.length = 0;
  const errors = { name: 'inventory-errors', version: 2 };
  await refuse(`inventory-errors@2:refused:${digest}`, 'KpiVersionUnknown');
  expect(await backfill(options, errors, span(), nothing)).toMatchObject({
    ...{ published: 1, refusedBefore: { KpiVersionUnknown: 1 }, known: 0 },
  });
  expect(world.repaired.map(idOf)).toEqual([`inventory-errors@2:refused:${digest}`]);
});

it('publishes again what the ledger refused, and not what that counted since', async () => {
  await world.count(world.repaired);
  const errors = { name: 'inventory-errors', version: 2 };
  expect(await backfill(options, errors, span(), nothing)).toMatchObject({
    ...{ published: 0, refusedBefore: {}, known: 1 },
  });
});

it('leaves nothing for reconciliation to doubt, and no order counted twice', async () => {
  await world.count(world.repaired);
  for (const depth of ['shallow', 'deep'] as const) {
    const report = await reconcileSpan(world.reconciler, span(), quietPass(world, depth));
    expect(report.findings.filter(({ verdict }) => verdict === 'unexplained')).toEqual([]);
    expect(report.revenue).toMatchObject([{ orders: 2, ledger: 1_000n, temporal: 1_000n }]);
  }
});

it('is doubted where nobody back-filled it', async () => {
  const [id] = await world.start([{ orderId: randomUUID(), products }]);
  await world.untilClosed([id!]);
  const captured = await waitFor(() => {
    const records = world.captured([id!]);
    return new Set(records.map(idOf)).size >= 6 ? records : undefined;
  });
  const revenue = captured.find(record => idOf(record).startsWith('revenue@1:'))!;
  const early = {
    ...revenue,
    value: String(revenue.value).replace('"version":1', '"version":2'),
    headers: { ...revenue.headers, ce_id: idOf(revenue).replace('@1', '@2') },
  };
  await world.count([...captured, early]);
  const report = await reconcileSpan(world.reconciler, span(), quietPass(world, 'deep'));
  const unexplained = report.findings.filter(({ verdict }) => verdict === 'unexplained');
  expect(unexplained.map(({ eventId }) => eventId)).toEqual([idOf(early)]);
});
