/**
 * What KPI capture costs: CPU per order of all our processes at half load, with it against without it. Both
 * sides take half of the orders at the same time, so that whatever else the machine does meets both, and
 * are new in each pair, because no two runs of one program are compiled quite alike: that alone makes some percent
 * of difference, as much as is looked for, so there are twice as many pairs as elsewhere. Which one starts first
 * changes from pair to pair: the first intake of a consumer group leads it.
 */
import type { Bench, Figure } from '../section';
import { bareBlock, submit } from '../support/blocks';
import { type Role, type Roles, withRoles } from '../support/child';
import { makeOrders } from '../support/orders';
import { cpuMs } from '../support/proc';
import { summary } from '../support/statistics';
import { until } from '../support/until';

type Side = Roles<'intake' | 'order-worker'>;

/** Each reading of their metrics takes the roles a millisecond or two. */
const lookEveryMs = 1_000;

export async function kpiCapture(bench: Bench): Promise<Figure[]> {
  const pairs: { readonly on: number; readonly off: number }[] = [];
  for (let pair = 1; pair <= 2 * bench.scale.pairs; pair++) {
    const isFirst = pair % 2 === 1;
    const { on, off } = await withSide(bench, isFirst, first =>
      withSide(bench, !isFirst, second =>
        costs(bench, isFirst ? { on: first, off: second } : { on: second, off: first }),
      ),
    );
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

/** An intake and the order worker that it feeds: of one consumer group, with a task queue of their own. */
function withSide<T>({ stage }: Bench, capture: boolean, work: (side: Side) => Promise<T>) {
  const env = { KPI_CAPTURE: String(capture), TEMPORAL_TASK_QUEUE: `kpi-capture-${capture}` };
  return withRoles(['intake', 'order-worker'], { ...stage.env, ...env }, work);
}

/** CPU of intake and order worker of each side, in milliseconds per order, once all are warm. */
async function costs(bench: Bench, { on, off }: { readonly on: Side; readonly off: Side }) {
  const { scale, barePerSecond } = bench;
  await bareBlock(bench, scale.orders);
  await block(bench, [on, off], scale.orders * 2);
  const before = await Promise.all([on, off].map(spent));
  await block(bench, [on, off], scale.orders * 2, barePerSecond / 2);
  const after = await Promise.all([on, off].map(spent));
  const perOrder = (side: 0 | 1) =>
    (after[side]!.cpu - before[side]!.cpu) / (after[side]!.orders - before[side]!.orders);
  return { on: perOrder(0), off: perOrder(1) };
}

async function block(
  { stage }: Bench,
  sides: readonly Side[],
  count: number,
  perSecond?: number,
): Promise<void> {
  const closed = async () => {
    const counts = await Promise.all(sides.map(side => completed(side['order-worker'])));
    return counts.reduce((sum, orders) => sum + orders, 0);
  };
  const before = await closed();
  await submit(stage, makeOrders(count), perSecond);
  await until(
    async () => (await closed()) - before >= count,
    `${count} orders to close`,
    lookEveryMs,
  );
}

async function spent(side: Side): Promise<{ readonly cpu: number; readonly orders: number }> {
  const worker = side['order-worker'];
  return { cpu: cpuMs(side.intake.pid) + cpuMs(worker.pid), orders: await completed(worker) };
}

const completed = (worker: Role): Promise<number> =>
  worker.metric('temporal_workflow_completed', 'workflow_type="order"');
