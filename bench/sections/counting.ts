/**
 * What counting and reconciling cost: CPU per order of all processes, the servers included, at half load,
 * with the roles ledger and watcher against without them.
 */
import type { Bench, Figure } from '../section';
import { fullBlock, warmUp } from '../support/blocks';
import { withRoles } from '../support/child';
import { makeOrders } from '../support/orders';
import { cpuMs } from '../support/proc';
import { summary } from '../support/statistics';

export function counting(bench: Bench): Promise<Figure[]> {
  const { stage, scale, barePerSecond, note } = bench;
  return withRoles(['intake', 'order-worker'], stage.env, async roles => {
    await warmUp(bench, roles);
    const always = [roles.intake.pid, roles['order-worker'].pid, ...Object.values(stage.servers)];
    const perOrder = async (pids: readonly number[]) => {
      const used = () => pids.reduce((sum, pid) => sum + cpuMs(pid), 0);
      const before = used();
      await fullBlock(stage, roles, makeOrders(scale.orders), barePerSecond / 2);
      return (used() - before) / scale.orders;
    };
    const pairs: { readonly on: number; readonly off: number }[] = [];
    for (let pair = 1; pair <= scale.pairs; pair++) {
      const on = await withRoles(['ledger', 'watcher'], stage.env, async ({ ledger, watcher }) => {
        await fullBlock(stage, roles, makeOrders(scale.orders / 4));
        return perOrder([...always, ledger.pid, watcher.pid]);
      });
      const off = await perOrder(always);
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
  });
}
