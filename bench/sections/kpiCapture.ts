/**
 * What KPI capture costs: CPU per order of all our processes at half load, with it against without it.
 * Both processes are new in each block, because no two runs of one program are compiled quite alike.
 */
import type { Bench, Figure } from '../section';
import { fullBlock, warmUp } from '../support/blocks';
import { withRoles } from '../support/child';
import { makeOrders } from '../support/orders';
import { cpuMs } from '../support/proc';
import { summary } from '../support/statistics';

export async function kpiCapture(bench: Bench): Promise<Figure[]> {
  const pairs: { readonly on: number; readonly off: number }[] = [];
  for (let pair = 1; pair <= bench.scale.pairs; pair++) {
    const on = await cpuPerOrder(bench, 'true');
    const off = await cpuPerOrder(bench, 'false');
    bench.note(`pair ${pair}: ${on.toFixed(2)} ms per order with, ${off.toFixed(2)} ms without`);
    pairs.push({ on, off });
  }
  return [
    {
      what: 'CPU with KPI capture / without',
      ...{ unit: 'ratio', goal: { atMost: 1.03 } },
      ...summary(pairs.map(({ on, off }) => on / off)),
    },
    { what: 'CPU with', unit: 'ms per order', ...summary(pairs.map(({ on }) => on)) },
    { what: 'CPU without', unit: 'ms per order', ...summary(pairs.map(({ off }) => off)) },
  ];
}

/** Of intake and order worker together, in milliseconds. */
function cpuPerOrder(bench: Bench, capture: 'true' | 'false'): Promise<number> {
  const { stage, scale, barePerSecond } = bench;
  const env = { ...stage.env, KPI_CAPTURE: capture };
  return withRoles(['intake', 'order-worker'], env, async roles => {
    await warmUp(bench, roles);
    const used = () => cpuMs(roles.intake.pid) + cpuMs(roles['order-worker'].pid);
    const before = used();
    await fullBlock(stage, roles, makeOrders(scale.orders), barePerSecond / 2);
    return (used() - before) / scale.orders;
  });
}
