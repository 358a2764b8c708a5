/**
 * What counting and reconciling cost: CPU per order of all processes, the servers included, at half load,
 * with the roles ledger and watcher against without them. Orders arrive all the time, and the two roles are
 * held for a while by turns, for they would compile anew what they run most if they were started by turns.
 * What they missed meanwhile they make up for before they are measured again. Each measurement takes one
 * minute, and so one pass of the watcher.
 *
 * Processors change their speed from one minute to the next by more than the two roles cost. Intake and order
 * worker do the same for an order whether it is counted or not, so what they take tells how fast a minute was.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import { submissionOf } from '../../src/cli/orders/submission';
import { paced } from '../../src/cli/terminal/paced';
import { readCheckpoint } from '../../src/postgres/checkpoint';
import { createPool } from '../../src/postgres/pool';
import { createLogger } from '../../src/telemetry';
import type { Bench, Figure } from '../section';
import { warmUp } from '../support/blocks';
import { type Roles, withRoles } from '../support/child';
import { makeOrders } from '../support/orders';
import { cpuMs } from '../support/proc';
import type { Stage } from '../support/stage';
import { summary } from '../support/statistics';
import { until } from '../support/until';

type All = Roles<'intake' | 'order-worker' | 'ledger' | 'watcher'>;

const minuteMs = 60_000;

export function counting(bench: Bench): Promise<Figure[]> {
  const { stage, scale, barePerSecond, note } = bench;
  const pool = createPool(stage.config, createLogger(stage.config, 'bench'));
  const names = ['intake', 'order-worker', 'ledger', 'watcher'] as const;
  return withRoles(names, stage.env, async roles => {
    await warmUp(bench, roles);
    const counted = [roles.ledger, roles.watcher];
    const sides = {
      on: async () => {
        for (const role of counted) role.release();
        await untilReconciled(pool);
        return minute(stage, roles);
      },
      off: async () => {
        for (const role of counted) role.hold();
        return minute(stage, roles);
      },
    };
    const pairs: { readonly on: Costs; readonly off: Costs }[] = [];
    await underLoad(stage, barePerSecond / 2, async () => {
      for (let pair = 1; pair <= scale.pairs; pair++) {
        const costs = { on: {} as Costs, off: {} as Costs };
        const order = pair % 2 === 1 ? (['on', 'off'] as const) : (['off', 'on'] as const);
        for (const side of order) costs[side] = await sides[side]();
        for (const side of order) note(`pair ${pair}, ${side}: ${textOf(costs[side])}`);
        pairs.push(costs);
      }
    });
    for (const role of counted) role.release();
    const on = pairs.map(pair => sumOf(pair.on));
    const off = pairs.map(pair => sumOf(pair.off));
    return [
      {
        what: 'CPU with ledger and watcher / without, each by that of intake and order worker',
        ...{ unit: 'ratio', goal: { atMost: 1.05 } },
        ...summary(pairs.map(pair => bySpeed(pair.on) / bySpeed(pair.off))),
      },
      {
        ...{ what: 'as it is, whatever the speed of the minute', unit: 'ratio' },
        ...summary(on.map((cost, i) => cost / off[i]!)),
      },
      { what: 'CPU with', unit: 'ms per order', ...summary(on) },
      { what: 'CPU without', unit: 'ms per order', ...summary(off) },
    ];
  }).finally(() => pool.end());
}

/** Submits orders at a steady rate for as long as `work` takes. */
async function underLoad(
  { publisher }: Stage,
  perSecond: number,
  work: () => Promise<void>,
): Promise<void> {
  const stopping = new AbortController();
  const load = (async () => {
    for await (const order of paced(endlessOrders(), perSecond, stopping.signal)) {
      await publisher.publish(submissionOf(order));
    }
  })();
  try {
    await work();
  } finally {
    stopping.abort();
    await load;
  }
}

function* endlessOrders() {
  for (;;) yield* makeOrders(1_000);
}

/** Milliseconds of CPU per order, by process. */
type Costs = Readonly<Record<string, number>>;

async function minute({ servers }: Stage, roles: All): Promise<Costs> {
  const { temporal: Temporal, kafka: Kafka, postgres: Postgres } = servers;
  const pids = {
    intake: roles.intake.pid,
    'order-worker': roles['order-worker'].pid,
    ...{ Temporal, Kafka, Postgres },
    ledger: roles.ledger.pid,
    watcher: roles.watcher.pid,
  };
  const closed = () =>
    roles['order-worker'].metric('temporal_workflow_completed', 'workflow_type="order"');
  const read = async () => ({
    orders: await closed(),
    used: Object.entries(pids).map(([name, pid]) => [name, cpuMs(pid)] as const),
  });
  const before = await read();
  await sleep(minuteMs);
  const after = await read();
  const orders = after.orders - before.orders;
  return Object.fromEntries(
    after.used.map(([name, used], i) => [name, (used - before.used[i]![1]) / orders]),
  );
}

const sumOf = (costs: Costs): number => Object.values(costs).reduce((sum, cost) => sum + cost, 0);

const bySpeed = (costs: Costs): number => sumOf(costs) / (costs.intake! + costs['order-worker']!);

const textOf = (costs: Costs): string =>
  `${sumOf(costs).toFixed(1)} ms per order (${Object.entries(costs)
    .map(([name, cost]) => `${name} ${cost.toFixed(1)}`)
    .join(', ')})`;

/** Until the watcher has compared all that closed before now. */
async function untilReconciled(pool: Pool): Promise<void> {
  const now = Date.now();
  await until(
    async () => (await readCheckpoint(pool, 'shallow')).comparedUntil >= now,
    'the watcher to catch up',
    1_000,
  );
}
