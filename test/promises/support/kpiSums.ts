/** What is counted of orders that are all closed, against what the servers themselves hold. */
import { ScheduleOverlapPolicy } from '@temporalio/client';
import { waitFor } from '../../support/waitFor';
import { eventIds } from './topics';
import type { World } from './world';

/**
 * Expects that the end of each order's run and its decision were counted, each once and nothing else: in
 * the events and in the figures. What a process did not live to tell, the watcher finds in Temporal.
 */
export async function expectKpisToAddUp(world: World): Promise<void> {
  const decisions = [
    ...(await eventIds(world, 'OrderConfirmed')),
    ...(await eventIds(world, 'OrderRejected')),
  ];
  const expected = {
    'order-success': await endsOfRuns(world),
    'order-latency': decisions.map(milestone).sort(),
  };
  await waitFor(
    async () => {
      await trigger(world, 'reconcile-deep');
      const counted = await Promise.all(Object.keys(expected).map(kpi => countedOf(world, kpi)));
      return counted.every((ids, i) => ids.length >= Object.values(expected)[i]!.length);
    },
    'every order to be counted',
    60_000,
  );
  for (const [kpi, ids] of Object.entries(expected)) {
    expect({ kpi, ids: await countedOf(world, kpi) }).toEqual({ kpi, ids });
    expect({ kpi, figures: await figuresOf(world, kpi) }).toEqual({ kpi, figures: ids.length });
  }
}

/** Has a pass of the watcher begin now, unless one is under way. */
export const trigger = ({ temporal }: World, pass: 'sweep' | 'reconcile-deep'): Promise<void> =>
  temporal.schedule.getHandle(`watcher-${pass}`).trigger(ScheduleOverlapPolicy.SKIP);

/** `OrderConfirmed:<orderId>` is the milestone `milestone:order-<orderId>:OrderConfirmed`. */
function milestone(eventId: string): string {
  const [name, orderId] = eventId.split(':');
  return `milestone:order-${orderId}:${name}`;
}

async function endsOfRuns({ temporal }: World): Promise<string[]> {
  const ends: string[] = [];
  for await (const { workflowId, runId } of temporal.workflow.list({
    query: `WorkflowType = 'order'`,
  })) {
    ends.push(`closed:${workflowId}:${runId}`);
  }
  return ends.sort();
}

/** The occurrences that are counted, without the name and version of the KPI. */
async function countedOf(world: World, kpi: string): Promise<string[]> {
  const rows = await world.sql<{ event_id: string }>(
    'SELECT event_id FROM kpi_events JOIN kpi_series USING (series_id) WHERE kpi = $1',
    [kpi],
  );
  return rows.map(({ event_id }) => event_id.replace(/^[^:]*:/, '')).sort();
}

async function figuresOf(world: World, kpi: string): Promise<number> {
  const [row] = await world.sql<{ count: string | null }>(
    `SELECT sum(count) AS count
     FROM kpi_minutes JOIN kpi_series USING (series_id) JOIN ledger_generations USING (generation)
     WHERE state = 'live' AND kpi = $1 AND total`,
    [kpi],
  );
  return Number(row!.count);
}
