/**
 * How long an order takes at half of the bare worker's rate, in an open loop: from the timestamp of
 * `OrderReceived` in Kafka to decided, as the KPI events of `order-latency` say, against the bare
 * worker's own time from start to close at the same rate.
 */
import { endOf, readTopics } from '../../src/kafka/reader';
import { kpiTopic } from '../../src/messages/kpiEvent';
import type { Order } from '../../src/messages/orderReceived';
import type { Bench, Figure } from '../section';
import { bareBlock, fullBlock, warmUp } from '../support/blocks';
import { withRoles } from '../support/child';
import { makeOrders } from '../support/orders';
import type { Stage } from '../support/stage';
import { quantile, summary } from '../support/statistics';
import { until } from '../support/until';

const topic = kpiTopic('order-latency');

const goals = { p50: { share: 0.5, atMost: 1.5 }, p99: { share: 0.99, atMost: 2 } } as const;

export function latency(bench: Bench): Promise<Figure[]> {
  const { stage, scale, barePerSecond } = bench;
  const rate = barePerSecond / 2;
  return withRoles(['intake', 'order-worker'], stage.env, async roles => {
    await warmUp(bench, roles);
    const pairs: { readonly bare: readonly number[]; readonly full: readonly number[] }[] = [];
    for (let pair = 1; pair <= scale.pairs; pair++) {
      const { closed } = await bareBlock(bench, scale.orders, { perSecond: rate });
      const orders = makeOrders(scale.orders);
      const full = await latenciesOf(stage, orders, () => fullBlock(stage, roles, orders, rate));
      bench.note(`pair ${pair} at ${rate.toFixed(1)} orders/s done`);
      pairs.push({ bare: closed.map(({ startedAt, closedAt }) => closedAt - startedAt), full });
    }
    return [
      { what: 'orders sent', value: rate, unit: 'orders/s' },
      ...Object.entries(goals).flatMap(([name, { share, atMost }]): Figure[] => {
        const bare = pairs.map(pair => quantile(pair.bare, share));
        const full = pairs.map(pair => quantile(pair.full, share));
        const ratios = full.map((ms, i) => ms / bare[i]!);
        return [
          { what: `${name} from Kafka to decided`, unit: 'ms', ...summary(full) },
          { what: `${name} of the bare worker`, unit: 'ms', ...summary(bare) },
          {
            what: `${name}, full path / bare worker`,
            ...{ unit: 'ratio', goal: { atMost }, ...summary(ratios) },
          },
        ];
      }),
    ];
  });
}

/** The latency of each order, in milliseconds, from the KPI events that `work` brings about. */
async function latenciesOf(
  { kafka }: Stage,
  orders: readonly Order[],
  work: () => Promise<unknown>,
): Promise<number[]> {
  const from = await endOf(kafka, [topic]);
  await work();
  const milliseconds = new Map<string, number>();
  const wanted = new Set(orders.map(order => order.orderId));
  const reading = await readTopics(kafka, from, ({ key, value }) => {
    const orderId = String(key);
    if (!wanted.has(orderId)) return;
    const event = JSON.parse(String(value)) as { value: number };
    milliseconds.set(orderId, event.value * 1_000);
  });
  try {
    await until(async () => milliseconds.size >= orders.length, 'the latency of each order');
    return [...milliseconds.values()];
  } finally {
    await reading.stop();
  }
}
