/**
 * Reconciliation of orders without gaps, by what visibility tells of them: those that the sections before
 * have closed, and as many more as are wanting.
 */
import { readKpiCatalogue } from '../../src/kpiCatalogue';
import { createPool } from '../../src/postgres/pool';
import { createLogger } from '../../src/telemetry';
import { createPassOptions, reconcileAgain } from '../../src/watcher/passes';
import type { Bench, Figure } from '../section';
import { fullBlock } from '../support/blocks';
import { withRoles } from '../support/child';
import { makeOrders } from '../support/orders';
import type { Stage } from '../support/stage';

const closedOrders = "WorkflowType = 'order' AND ExecutionStatus = 'Completed'";

export async function reconciling({ stage, scale, note }: Bench): Promise<Figure[]> {
  const { count } = await stage.client.workflow.count(closedOrders);
  const wanting = Math.max(0, scale.memoryOrders / 2 - count);
  note(`${count} orders are closed, ${wanting} wanting`);
  const { runs, unlike, perSecond } = await withRoles(
    ['intake', 'order-worker', 'ledger'],
    stage.env,
    async roles => {
      if (wanting > 0) await fullBlock(stage, roles, makeOrders(wanting));
      return compare(stage);
    },
  );
  return [
    { what: 'closed orders compared', value: runs, unit: 'orders' },
    { what: 'events repaired or unexplained', value: unlike, unit: 'events', goal: { atMost: 0 } },
    { what: 'compared', value: perSecond, unit: 'orders/s', goal: { atLeast: 1_000 } },
  ];
}

async function compare({ config, client, kafka, publisher }: Stage) {
  const pool = createPool(config, createLogger(config, 'bench'));
  try {
    const servers = { client, kafka, pool, publisher, catalogue: readKpiCatalogue() };
    const passes = createPassOptions({ ...config, KPI_GRACE_SECONDS: 1 }, servers);
    const span = { from: Date.now() - 12 * 60 * 60_000, to: Date.now() };
    // The first pass repairs what the roles of earlier sections took with them, and waits for the ledger.
    await reconcileAgain(passes, span, 'shallow', () => {});
    const begin = performance.now();
    const { runs, findings } = await reconcileAgain(passes, span, 'shallow', () => {});
    const perSecond = (runs / (performance.now() - begin)) * 1_000;
    return { runs, unlike: findings.length, perSecond };
  } finally {
    await pool.end();
  }
}
