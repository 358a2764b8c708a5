/** What is known of single seconds in which nothing was counted, by the project's own reader. */
import { readKpiCatalogue } from '../../../src/kpiCatalogue';
import { readCounted } from '../../../src/ledger/counted';
import { versionToRead } from '../../../src/ledger/versions';
import { waitFor } from '../../support/waitFor';
import type { World } from './world';

export const second = 1_000;
const minute = 60 * second;

/** How long after its end a second is over. */
export const graceMs = 1_000;

/** What src/workers/heartbeats.ts grants. */
export const leaseMs = 20 * second;

/** The state that a second has in which nothing was counted. @param from milliseconds since the epoch */
export async function stateOf({ pool }: Pick<World, 'pool'>, kpi: string, from: number) {
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
    { pool, catalogue, graceMs },
    definition,
    frame,
    [],
    row => row,
  );
  return judge({ from, until: from + second }, 0);
}

/** Resolves once nothing more will be learned of a second by waiting, with what is known then. */
export const settledState = (world: Pick<World, 'pool'>, kpi: string, from: number) =>
  waitFor(
    async () => {
      const state = await stateOf(world, kpi, from);
      return state === 'partial' ? undefined : state;
    },
    `a second of ${kpi} to be judged`,
    60_000,
  );
