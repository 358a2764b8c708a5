/**
 * Orders per second from Kafka to closed workflow, KPI events on, against a bare Temporal worker with a
 * workflow of the same shape. All orders are in Kafka at once; the bare client keeps a number in flight.
 */
import type { Bench, Figure } from '../section';
import { type Block, bareBlock, fullBlock, warmUp } from '../support/blocks';
import { withRoles } from '../support/child';
import { makeOrders } from '../support/orders';
import { cpuMs } from '../support/proc';
import { summary } from '../support/statistics';

/** What one block came to: orders per second, and CPU milliseconds per order of each process. */
interface Cost {
  readonly perSecond: number;
  readonly cpu: Readonly<Record<string, number>>;
}

export function throughput(bench: Bench): Promise<Figure[]> {
  const { stage, bare, scale, note } = bench;
  const { temporal: Temporal, kafka: Kafka, postgres: Postgres } = stage.servers;
  return withRoles(['intake', 'order-worker'], stage.env, async roles => {
    const bareProcesses = { 'bare worker and client': bare.pid, Temporal };
    const fullProcesses = {
      intake: roles.intake.pid,
      'order-worker': roles['order-worker'].pid,
      ...{ Temporal, Kafka, Postgres },
    };
    await warmUp(bench, roles);
    const pairs: { readonly alone: Cost; readonly full: Cost }[] = [];
    for (let pair = 1; pair <= scale.pairs; pair++) {
      const alone = await costOf(bareProcesses, () => bareBlock(bench, scale.orders));
      const full = await costOf(fullProcesses, () =>
        fullBlock(stage, roles, makeOrders(scale.orders)),
      );
      const rates = [alone, full].map(({ perSecond }) => `${perSecond.toFixed(1)}/s`);
      note(`pair ${pair}: bare ${rates[0]}, full path ${rates[1]}`);
      pairs.push({ alone, full });
    }
    return [
      {
        what: 'full path / bare worker',
        ...{ unit: 'ratio', goal: { atLeast: 0.8 } },
        ...summary(pairs.map(({ alone, full }) => full.perSecond / alone.perSecond)),
      },
      ...figures(
        'bare',
        pairs.map(({ alone }) => alone),
      ),
      ...figures(
        'full path',
        pairs.map(({ full }) => full),
      ),
    ];
  });
}

async function costOf(
  processes: Readonly<Record<string, number>>,
  block: () => Promise<Block>,
): Promise<Cost> {
  const used = () => Object.values(processes).map(cpuMs);
  const before = used();
  const { perSecond, closed } = await block();
  const after = used();
  const cpu = Object.keys(processes).map((name, i) => [
    name,
    (after[i]! - before[i]!) / closed.length,
  ]);
  return { perSecond, cpu: Object.fromEntries(cpu) };
}

function figures(title: string, costs: readonly Cost[]): Figure[] {
  const processes = Object.keys(costs[0]!.cpu);
  const sums = costs.map(({ cpu }) => Object.values(cpu).reduce((sum, ms) => sum + ms, 0));
  const cpuOf = (name: string, values: readonly number[]): Figure => ({
    what: `${title}: CPU of ${name}`,
    ...{ unit: 'ms per order', ...summary(values) },
  });
  return [
    { what: title, unit: 'orders/s', ...summary(costs.map(({ perSecond }) => perSecond)) },
    ...processes.map(name =>
      cpuOf(
        name,
        costs.map(({ cpu }) => cpu[name]!),
      ),
    ),
    cpuOf('all together', sums),
  ];
}
