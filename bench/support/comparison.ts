/** Two ways of an order, measured in turn: orders per second, and the CPU that each process takes per order. */
import type { Bench, Figure } from '../section';
import type { Block } from './blocks';
import { cpuMs } from './proc';
import { summary } from './statistics';

/** One way: the processes that take part, by name, and how to send so many orders on it. */
export interface Way {
  readonly processes: Readonly<Record<string, number>>;
  block(orders: number): Promise<Block>;
}

interface Cost {
  readonly perSecond: number;
  /** Milliseconds per order, by process. */
  readonly cpu: Readonly<Record<string, number>>;
}

/** The figures of both ways, once they are warm. */
export async function compare(
  { scale, note }: Pick<Bench, 'scale' | 'note'>,
  bare: Way,
  full: Way,
): Promise<Figure[]> {
  await bare.block(scale.orders);
  await full.block(scale.orders);
  const alone: Cost[] = [];
  const whole: Cost[] = [];
  for (let pair = 1; pair <= scale.pairs; pair++) {
    alone.push(await costOf(bare, scale.orders));
    whole.push(await costOf(full, scale.orders));
    const [a, b] = [alone, whole].map(costs => costs.at(-1)!.perSecond.toFixed(1));
    note(`pair ${pair}: bare ${a}/s, full path ${b}/s`);
  }
  return [
    {
      what: 'full path / bare worker',
      ...{ unit: 'ratio', goal: { atLeast: 0.8 } },
      ...summary(whole.map(({ perSecond }, i) => perSecond / alone[i]!.perSecond)),
    },
    ...figures('bare', alone),
    ...figures('full path', whole),
  ];
}

async function costOf({ processes, block }: Way, orders: number): Promise<Cost> {
  const used = () => Object.values(processes).map(cpuMs);
  const before = used();
  const { perSecond, closed } = await block(orders);
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
