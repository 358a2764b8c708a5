/**
 * Promise 5: a window says when nobody was there. A producer that is killed says no goodbye, so nobody can
 * know what it took with it, or what happened since: once its lease has ended there is no figure, not even
 * zero.
 */
import { readKpiCatalogue } from '../../src/kpiCatalogue';
import { readCounted } from '../../src/ledger/counted';
import { versionToRead } from '../../src/ledger/versions';
import { waitFor } from '../support/waitFor';
import { openWorld, type World } from './support/world';

jest.setTimeout(180_000);

const graceMs = 1_000;
const second = 1_000;
const minute = 60 * second;
/** What src/workers/heartbeats.ts grants. */
const leaseMs = 20 * second;

let world: World;
beforeAll(async () => {
  world = await openWorld({ TEA: 1 });
});
afterAll(() => world?.close());

/** What is known of a second in which nothing was counted. */
async function stateOf(kpi: string, from: number) {
  const catalogue = readKpiCatalogue();
  const now = Date.now();
  const frame = {
    from: Math.floor(from / minute) * minute,
    until: Math.ceil(now / minute) * minute,
    windowMs: minute,
    now,
  };
  const definition = versionToRead(catalogue, kpi, now);
  const { judge } = await readCounted(
    { pool: world.pool, catalogue, graceMs },
    definition,
    frame,
    [],
  );
  return judge({ from, until: from + second }, 0);
}

/** Resolves once nothing more will be learned of a second by waiting, with what is known then. */
const settled = (kpi: string, from: number) =>
  waitFor(
    async () => {
      const state = await stateOf(kpi, from);
      return state === 'partial' ? undefined : state;
    },
    `a second of ${kpi} to be judged`,
    60_000,
  );

/** The states of the seconds after a kill, until some time after the lease has ended. */
async function statesAfter(killedAt: number, kpi: string) {
  const seconds = leaseMs / second + 5;
  return Promise.all(
    Array.from({ length: seconds }, (_, number) => stateOf(kpi, killedAt + number * second)),
  );
}

it('after kill -9 of its producer a window is without figure, and those of the living go on', () =>
  world.run(async () => {
    await world.start('ledger', { KPI_GRACE_SECONDS: String(graceMs / second) });
    const [intake, worker] = await Promise.all([
      world.start('intake'),
      world.start('order-worker'),
    ]);
    const before = Date.now();
    // Refusals come from the intake, failures from the worker, and the end of an order from the worker alone.
    expect(await settled('inventory-errors', before)).toBe('no-traffic');
    expect(await settled('order-duration', before)).toBe('no-traffic');

    await intake.end('SIGKILL');
    const silent = Date.now();
    const afterLease = silent + leaseMs + second;
    expect(await settled('inventory-errors', afterLease)).toBe('missing');
    expect(await settled('order-duration', afterLease)).toBe('no-traffic');
    expect(new Set(await statesAfter(silent, 'inventory-errors'))).toEqual(
      new Set(['partial', 'missing']),
    );
    expect(await stateOf('inventory-errors', before)).toBe('no-traffic');

    await worker.end('SIGKILL');
    const alone = Date.now();
    expect(await settled('order-duration', alone + leaseMs + second)).toBe('missing');
    expect(await statesAfter(alone, 'order-duration')).not.toContain('no-traffic');
  })());
