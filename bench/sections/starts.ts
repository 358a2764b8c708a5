/**
 * Workflows that the intake starts per second, against a bare client that starts the same workflows with
 * the same options and as many at once. The topic is full beforehand, and no order worker polls.
 */
import { createStarter } from '../../src/intake/start';
import type { Order } from '../../src/messages/orderReceived';
import type { Bench, Figure } from '../section';
import { submit } from '../support/blocks';
import { type Role, withRoles } from '../support/child';
import { makeOrders } from '../support/orders';
import type { Stage } from '../support/stage';
import { summary } from '../support/statistics';
import { until } from '../support/until';

/**
 * Each reading of its metrics takes the intake a few milliseconds, and the last one comes late by half of
 * this: of a block of some 15 seconds less than 2 %.
 */
const lookEveryMs = 500;
/** Starting takes a quarter of the time of a whole order. */
const blocksAtOnce = 4;

/** Measured: the third pair is the first in which both have compiled what they run most. */
const warmUpPairs = 2;

/** Nobody polls it. */
const taskQueue = 'unpolled';

export function starts({ stage, scale, note }: Bench): Promise<Figure[]> {
  // No worker polls, so the open orders only grow: here the gate before Temporal has to stay open.
  const env = { ...stage.env, TEMPORAL_TASK_QUEUE: taskQueue, INTAKE_OPEN_ORDERS: '1000000' };
  const count = scale.orders * blocksAtOnce;
  return withRoles(['intake'], env, async ({ intake }) => {
    const pairs: { readonly bare: number; readonly intake: number }[] = [];
    for (let pair = 1 - warmUpPairs; pair <= scale.pairs; pair++) {
      const bare = await bareStarts(stage, makeOrders(count));
      const ours = await intakeStarts(stage, intake, makeOrders(count));
      note(`pair ${pair}: bare client ${bare.toFixed(0)}/s, intake ${ours.toFixed(0)}/s`);
      if (pair > 0) pairs.push({ bare, intake: ours });
    }
    return [
      {
        what: 'intake / bare client',
        ...{ unit: 'ratio', goal: { atLeast: 0.9 } },
        ...summary(pairs.map(pair => pair.intake / pair.bare)),
      },
      { what: 'bare client', unit: 'starts/s', ...summary(pairs.map(pair => pair.bare)) },
      { what: 'intake', unit: 'starts/s', ...summary(pairs.map(pair => pair.intake)) },
    ];
  });
}

/** The client's own `start`, called for each order, with as many under way as the intake has. */
async function bareStarts({ client, config }: Stage, orders: readonly Order[]): Promise<number> {
  const start = createStarter({
    client,
    address: config.TEMPORAL_ADDRESS,
    taskQueue,
    defaultCurrency: config.DEFAULT_CURRENCY,
  });
  const begin = performance.now();
  const waiting = orders[Symbol.iterator]();
  const startAll = async () => {
    for (const order of waiting) {
      const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
      await start({ order, receivedAt: Date.now(), origin: '', digest: '', traceparent });
    }
  };
  await Promise.all(Array.from({ length: config.INTAKE_STARTS_IN_FLIGHT }, startAll));
  return (orders.length / (performance.now() - begin)) * 1_000;
}

/** Holds the intake until the orders are in Kafka. */
async function intakeStarts(stage: Stage, intake: Role, orders: readonly Order[]): Promise<number> {
  const started = () => intake.metric('orderly_intake_records_total', 'result="started"');
  const before = await started();
  intake.hold();
  await submit(stage, orders);
  const begin = performance.now();
  intake.release();
  await until(
    async () => (await started()) - before >= orders.length,
    `${orders.length} starts`,
    lookEveryMs,
  );
  return (orders.length / (performance.now() - begin)) * 1_000;
}
