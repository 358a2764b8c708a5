import { randomUUID } from 'node:crypto';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { bundleWorkflowCode, DefaultLogger, Worker } from '@temporalio/worker';
import {
  createReconciliationActivities,
  type ReconciliationStep,
} from '../../src/activities/reconciliation';
import { OrderlyError } from '../../src/errors';
import { reconcile } from '../../src/workflows/reconcile';
import { startTimeSkipping } from '../support/timeSkipping';

let env: TestWorkflowEnvironment;
let workflowBundle: Awaited<ReturnType<typeof bundleWorkflowCode>>;
beforeAll(async () => {
  env = await startTimeSkipping();
  workflowBundle = await bundleWorkflowCode({
    workflowsPath: require.resolve('../../src/workflows/watcher'),
    logger: new DefaultLogger('ERROR'),
  });
});
afterAll(() => env?.teardown());

/** Runs a pass over these steps; answers with its sums, the depths asked for, and its number of runs. */
async function pass(steps: (number: number) => ReconciliationStep) {
  const taskQueue = randomUUID();
  const depths: string[] = [];
  const worker = await Worker.create({
    connection: env.nativeConnection,
    taskQueue,
    workflowBundle,
    activities: createReconciliationActivities({
      async step(depth, onProgress) {
        onProgress();
        depths.push(depth);
        return steps(depths.length);
      },
    }),
  });
  return worker.runUntil(async () => {
    const handle = await env.client.workflow.start(reconcile, {
      taskQueue,
      workflowId: taskQueue,
      args: [{ depth: 'deep' }],
    });
    const result = await handle.result();
    const { runId } = await env.client.workflow.getHandle(taskQueue).describe();
    return { result, depths, continued: runId !== handle.firstExecutionRunId };
  });
}

const step = (done: boolean): ReconciliationStep => ({
  ...{ done, runs: 10, histories: 3, repaired: 2, unexplained: 1 },
});

describe('a pass', () => {
  it('goes step by step until it has caught up, and answers with the sums', async () => {
    const { result, depths, continued } = await pass(number => step(number === 3));
    expect(depths).toEqual(['deep', 'deep', 'deep']);
    expect(result).toEqual({ runs: 30, histories: 9, repaired: 6, unexplained: 3 });
    expect(continued).toBe(false);
  });

  it('waits for a ledger that is behind, and for servers that are away', async () => {
    const { result, depths } = await pass(number => {
      if (number === 1) throw new OrderlyError('LedgerBehind', { topic: 'Revenue' });
      if (number === 2) throw new OrderlyError('PostgresUnavailable', { detail: 'away' });
      return step(true);
    });
    expect(depths).toHaveLength(3);
    expect(result).toEqual({ runs: 10, histories: 3, repaired: 2, unexplained: 1 });
  });

  it('begins a new history after a long absence, and goes on with its sums', async () => {
    const { result, depths, continued } = await pass(number => step(number === 201));
    expect(depths).toHaveLength(201);
    expect(result).toEqual({ runs: 2_010, histories: 603, repaired: 402, unexplained: 201 });
    expect(continued).toBe(true);
  });
});
