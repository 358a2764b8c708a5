/**
 * What no process lived to tell is in Temporal's own record, and is found there: an attempt whose worker
 * was killed before its event was out, an order that was terminated, one that timed out.
 */
import { ScheduleOverlapPolicy } from '@temporalio/client';
import { waitFor } from '../support/waitFor';
import { cutReservations, heldUp, holdProduct } from './support/barriers';
import { executions } from './support/orders';
import { orderOf, send, submissionOf } from './support/submissions';
import { eventIds } from './support/topics';
import { openWorld, refusesConnections, type World } from './support/world';

jest.setTimeout(180_000);

/** Nothing else is under way here, so little grace is enough. */
const settings = { KPI_GRACE_SECONDS: '1' };

let world: World;

beforeAll(async () => {
  world = await openWorld({ TEA: 1_000_000 });
  await Promise.all([world.start('intake'), world.start('ledger', settings)]);
});
afterAll(() => world?.close());

interface Report {
  readonly runs: number;
  readonly matched: number;
  readonly repaired: number;
  readonly unexplained: number;
  readonly findings: readonly { readonly verdict: string; readonly eventId: string }[];
  readonly revenue: readonly {
    readonly ledger: string;
    readonly temporal: string;
    readonly postgres: string;
  }[];
}

/** A pass over everything, as soon as that many runs are old enough to be judged. */
async function reconcile(runs: number): Promise<Report> {
  return waitFor(
    async () => {
      const answer = await world.command(['kpi', 'reconcile', '--deep', '--json'], settings);
      if (answer.output === '') throw new Error(answer.errors);
      const report = JSON.parse(answer.output) as Report;
      return report.runs >= runs ? report : undefined;
    },
    'a pass over all orders',
    60_000,
  );
}

const attemptsOf = async (workflowId: string) => {
  const { raw } = await world.temporal.workflow.getHandle(workflowId).describe();
  return raw.pendingActivities?.[0]?.attempt ?? 0;
};

const closed = async (workflowId: string) =>
  (await world.temporal.workflow.getHandle(workflowId).describe()).status.name !== 'RUNNING';

it('an attempt whose worker was killed before its event was out is counted, and parity is whole again', () =>
  world.run(async () => {
    const worker = await world.start('order-worker');
    const release = await holdProduct(world, 'TEA');
    await send(world, [submissionOf(orderOf('lost'))]);
    await waitFor(async () => (await heldUp(world)) === 1, 'the order to wait for its product');
    await world.killServer('kafka');
    await waitFor(() => refusesConnections(world.brokers[0]!));

    // The first attempt fails, and its events wait for Kafka in the memory of the worker that is killed, as
    // does all that its second attempt says of it.
    expect(await cutReservations(world)).toHaveLength(1);
    await waitFor(async () => (await attemptsOf('order-lost')) === 2, 'the second attempt');
    await waitFor(async () => (await heldUp(world)) === 1, 'the second attempt to wait');
    expect(await worker.metric('orderly_kpi_events_pending')).toBeGreaterThan(0);
    await worker.end('SIGKILL');
    await release();
    await world.startServer('kafka');

    const healthy = await world.start('order-worker');
    await waitFor(() => closed('order-lost'), 'the order to be closed', 60_000);
    await waitFor(async () => (await healthy.metric('orderly_kpi_events_pending')) === 0);
    const { runId } = await world.temporal.workflow.getHandle('order-lost').describe();
    const id = `failed-attempts@1:attempt:order-lost:${runId}:1:1`;
    expect(await eventIds(world, 'FailedAttempts')).not.toContain(id);

    const report = await reconcile(1);
    const [, ofAttempt] = id.split('@1');
    // Other KPIs may come that observe failed attempts.
    expect(report.findings.every(({ eventId }) => eventId.endsWith(ofAttempt!))).toBe(true);
    expect(report.findings.every(({ verdict }) => verdict === 'repaired')).toBe(true);
    expect(report.findings.map(({ eventId }) => eventId)).toEqual(
      expect.arrayContaining([id, id.replace('failed-attempts', 'inventory-errors')]),
    );
    expect(await eventIds(world, 'FailedAttempts')).toContain(id);

    const again = await reconcile(1);
    expect(again).toMatchObject({ repaired: 0, unexplained: 0, findings: [] });
    expect(again.matched).toBe(report.matched + report.repaired);
    expect(again.revenue).toMatchObject([{ ledger: '500', temporal: '500', postgres: '500' }]);

    const past = ['kpi', 'backfill', 'failed-attempts', '--from', '2026-01-01', '--json'];
    const { code, output } = await world.command(past, settings);
    expect({ code, ...JSON.parse(output) }).toMatchObject({
      ...{ code: 0, kpi: 'failed-attempts', version: 1 },
      ...{ runs: 1, published: 0, known: 2 },
    });
  })());

it('an order that was terminated and one that timed out are found by the watcher, without being asked', () =>
  world.run(async () => {
    await world.start('watcher', settings);
    const release = await holdProduct(world, 'TEA');
    await send(world, [submissionOf(orderOf('ended'))]);
    await waitFor(async () => (await heldUp(world)) === 1);
    await world.temporal.workflow.getHandle('order-ended').terminate('by the test');
    const timedOut = await world.temporal.workflow.start('order', {
      workflowId: 'order-late',
      taskQueue: 'orders',
      workflowExecutionTimeout: '1 second',
      args: [{ order: orderOf('late'), receivedAt: new Date().toISOString() }],
    });
    await waitFor(async () => (await executions(world)).filter(isEndedFromOutside).length === 2);
    await release();

    const counted = async () =>
      world.sql<{ event_id: string; outcome: string }>(
        `SELECT event_id, slice ->> 'outcome' AS outcome FROM kpi_events JOIN kpi_series USING (series_id)
         WHERE kpi = 'order-success' AND reconciled ORDER BY event_id`,
      );
    // The schedule is due each minute; nobody has to wait for it.
    await waitFor(
      async () => {
        await world.temporal.schedule
          .getHandle('watcher-reconcile-shallow')
          .trigger(ScheduleOverlapPolicy.SKIP);
        return (await counted()).length === 2;
      },
      'both to be counted',
      90_000,
    );
    const { runId } = await world.temporal.workflow.getHandle('order-ended').describe();
    expect(await counted()).toEqual([
      {
        event_id: `order-success@2:closed:order-ended:${runId}`,
        outcome: 'terminated',
      },
      {
        event_id: `order-success@2:closed:order-late:${timedOut.firstExecutionRunId}`,
        outcome: 'timed-out',
      },
    ]);
    // The figures of a step are saved when all that it publishes is out.
    const parity = () =>
      world.sql<{ repaired: number; unexplained: number }>(
        `SELECT sum(repaired)::integer AS repaired, sum(unexplained)::integer AS unexplained
         FROM kpi_parity WHERE depth = 'shallow' AND kpi = 'order-success'`,
      );
    await waitFor(async () => (await parity())[0]?.repaired === 2, 'the parity of both');
    expect(await parity()).toEqual([{ repaired: 2, unexplained: 0 }]);
    const told = async () => (await eventIds(world, 'KpiParity')).size;
    await waitFor(async () => (await told()) > 0, 'the parity as KPI events');
  })());

const isEndedFromOutside = ({ status }: { readonly status: string }) =>
  status === 'TERMINATED' || status === 'TIMED_OUT';
