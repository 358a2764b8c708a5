/**
 * Promise 5: a window says when nobody was there. A producer that is killed says no goodbye, so nobody can
 * know what it took with it, or what happened since: once its lease has ended there is no figure, not even
 * zero.
 */
import { graceMs, leaseMs, second, settledState, stateOf } from './support/windows';
import { openWorld, type World } from './support/world';

jest.setTimeout(180_000);

let world: World;
beforeAll(async () => {
  world = await openWorld({ TEA: 1 });
});
afterAll(() => world?.close());

/** The states of the seconds after a kill, until some time after the lease has ended. */
async function statesAfter(killedAt: number, kpi: string) {
  const seconds = leaseMs / second + 5;
  return Promise.all(
    Array.from({ length: seconds }, (_, number) => stateOf(world, kpi, killedAt + number * second)),
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
    expect(await settledState(world, 'inventory-errors', before)).toBe('no-traffic');
    expect(await settledState(world, 'order-duration', before)).toBe('no-traffic');

    await intake.end('SIGKILL');
    const silent = Date.now();
    const afterLease = silent + leaseMs + second;
    expect(await settledState(world, 'inventory-errors', afterLease)).toBe('missing');
    expect(await settledState(world, 'order-duration', afterLease)).toBe('no-traffic');
    expect(new Set(await statesAfter(silent, 'inventory-errors'))).toEqual(
      new Set(['partial', 'missing']),
    );
    expect(await stateOf(world, 'inventory-errors', before)).toBe('no-traffic');

    await worker.end('SIGKILL');
    const alone = Date.now();
    expect(await settledState(world, 'order-duration', alone + leaseMs + second)).toBe('missing');
    expect(await statesAfter(alone, 'order-duration')).not.toContain('no-traffic');
  })());
