/**
 * What counting and reconciling cost: CPU per order of all processes, the servers included, at half load,
 * with the roles ledger and watcher against without them. A block with them lasts until all its orders are
 * reconciled, and begins when as many before them are, by which the new processes are warm; the block
 * without lasts as long.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import { readCheckpoint } from '../../src/postgres/checkpoint';
import { createPool } from '../../src/postgres/pool';
import { createLogger } from '../../src/telemetry';
import type { Bench, Figure } from '../section';
import { fullBlock, warmUp } from '../support/blocks';
import { withRoles } from '../support/child';
import { makeOrders } from '../support/orders';
import { cpuMs } from '../support/proc';
import { summary } from '../support/statistics';
import { until } from '../support/until';

export function counting(bench: Bench): Promise<Figure[]> {
  const { stage, scale, barePerSecond, note } = bench;
  const pool = createPool(stage.config, createLogger(stage.config, 'bench'));
  return withRoles(['intake', 'order-worker'], stage.env, async roles => {
    await warmUp(bench, roles);
    const always = [roles.intake.pid, roles['order-worker'].pid, ...Object.values(stage.servers)];
    const perOrder = async (pids: readonly number[], settled: () => Promise<void>) => {
      const used = () => pids.reduce((sum, pid) => sum + cpuMs(pid), 0);
      const before = used();
      await fullBlock(stage, roles, makeOrders(scale.orders), barePerSecond / 2);
      await settled();
      return (used() - before) / scale.orders;
    };
    const pairs: { readonly on: number; readonly off: number }[] = [];
    for (let pair = 1; pair <= scale.pairs; pair++) {
      let lasted = 0;
      const on = await withRoles(['ledger', 'watcher'], stage.env, async ({ ledger, watcher }) => {
        await fullBlock(stage, roles, makeOrders(scale.orders));
        await untilReconciled(pool);
        const begin = performance.now();
        const cost = await perOrder([...always, ledger.pid, watcher.pid], () =>
          untilReconciled(pool),
        );
        lasted = performance.now() - begin;
        return cost;
      });
      const begin = performance.now();
      const off = await perOrder(always, () =>
        sleep(Math.max(0, lasted - (performance.now() - begin))),
      );
      note(`pair ${pair}: ${on.toFixed(1)} ms per order with, ${off.toFixed(1)} ms without`);
      pairs.push({ on, off });
    }
    return [
      {
        what: 'CPU with ledger and watcher / without',
        ...{ unit: 'ratio', goal: { atMost: 1.05 } },
        ...summary(pairs.map(({ on, off }) => on / off)),
      },
      { what: 'CPU with', unit: 'ms per order', ...summary(pairs.map(({ on }) => on)) },
      { what: 'CPU without', unit: 'ms per order', ...summary(pairs.map(({ off }) => off)) },
    ];
  }).finally(() => pool.end());
}

/** Until the watcher has compared all that closed before now. */
async function untilReconciled(pool: Pool): Promise<void> {
  const now = Date.now();
  await until(
    async () => (await readCheckpoint(pool, 'shallow')).comparedUntil >= now,
    'the watcher to catch up',
    1_000,
  );
}
