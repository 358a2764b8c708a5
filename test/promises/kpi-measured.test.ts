/**
 * Promise 5, for what processes measure themselves: each role that publishes it vouches for it by heartbeats,
 * the ledger like the others. A ledger that was killed is missed, though all that came meanwhile is counted.
 */
import { producersOf } from '../../src/kpi/producers';
import { readKpiCatalogue } from '../../src/kpiCatalogue';
import { kpiTopic } from '../../src/messages/kpiEvent';
import { kpiHeartbeat } from '../../src/messages/kpiHeartbeat';
import { waitFor } from '../support/waitFor';
import { removeMembers } from './support/consumerGroup';
import type { RoleProcess } from './support/roleProcess';
import { readTopics } from './support/topics';
import { graceMs, leaseMs, second, settledState, stateOf } from './support/windows';
import { openWorld, type World } from './support/world';

jest.setTimeout(240_000);

let world: World;
let ledger: RoleProcess;

beforeAll(async () => {
  world = await openWorld({ TEA: 1 });
  [ledger] = await Promise.all([
    startLedger(),
    world.start('intake'),
    world.start('order-worker'),
    world.start('watcher'),
  ]);
});
afterAll(() => world?.close());

const startLedger = () => world.start('ledger', { KPI_GRACE_SECONDS: String(graceMs / second) });

it('after kill -9 of the ledger its own figures are missing, and those of the others go on', () =>
  world.run(async () => {
    const before = Date.now();
    expect(await settledState(world, 'compute-time', before)).toBe('no-traffic');

    expect(await ledger.end('SIGKILL')).toMatchObject({ signal: 'SIGKILL' });
    const afterLease = Date.now() + leaseMs + second;
    await waitFor(() => Date.now() > afterLease + 2 * second, 'the lease to end');
    await removeMembers(world, 'orderly-ledger');
    ledger = await startLedger();

    // What the order worker, the intake and the watcher tell of: once these are heard again, all is known.
    for (const kpi of ['order-duration', 'inventory-errors', 'kpi-coverage']) {
      const isKnown = async () => (await stateOf(world, kpi, afterLease)) === 'no-traffic';
      await waitFor(isKnown, `${kpi} to be without traffic`);
    }
    expect(await stateOf(world, 'compute-time', afterLease)).toBe('missing');
  })());

it('every process that tells what it measured is one whose heartbeats its windows ask for', () =>
  world.run(async () => {
    // What no order moves; parity is told once there was one.
    const measured = ['compute-time', 'data-freshness', 'intake-lag', 'kpi-coverage'];
    const expected = measured.map(name => {
      const [definition] = readKpiCatalogue().versionsOf(name);
      return producersOf(definition!);
    });
    let found: string[][] = [];
    await waitFor(
      async () => {
        found = await Promise.all(measured.map(publishedBy));
        return found.every((writers, i) => writers.length >= expected[i]!.length);
      },
      'the turn of a minute at which each had something to tell, and heartbeats after it',
      150_000,
    );
    expect(found).toEqual(expected);
  })());

/** The roles whose heartbeats say that they wrote to the KPI's topic; sorted. */
async function publishedBy(kpi: string): Promise<string[]> {
  const heartbeats = (await readTopics(world, [kpiHeartbeat.topic])).map(({ value }) =>
    kpiHeartbeat.schema.parse(JSON.parse(String(value))),
  );
  const writers = heartbeats.filter(({ acknowledged }) =>
    acknowledged.some(({ topic }) => topic === kpiTopic(kpi)),
  );
  return [...new Set(writers.map(({ producer }) => producer))].sort();
}
