import { randomUUID } from 'node:crypto';
import { Client, Connection, WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import { tsToMs } from '@temporalio/common/lib/time';
import { NativeConnection, Worker } from '@temporalio/worker';
import type { Announcement } from '../../src/domain/announcement';
import { Catalogue } from '../../src/kpi/catalogue';
import { catalogueOf, definitionYaml } from '../kpi/samples';
import { MemoryPublisher } from '../support/memoryPublisher';
import { testServers } from '../support/servers';
import { waitFor } from '../support/waitFor';
import {
  announcement,
  asynchronous,
  captureInto,
  eventsOf,
  holding,
  type Published,
  settled,
  startWorker,
  traceparent,
  workflowBundle,
} from './testWorker';
import type * as workflows from './workflows';

const catalogue: Catalogue = catalogueOf(
  definitionYaml({
    name: 'attempts',
    observes: '[{ occurrence: attempt-failed, value: 1 }]',
    dimensions: '[{ name: failure, bound: 9 }, { name: activity, bound: 9 }]',
  }),
  ...['step-ended', 'milestone', 'workflow-closed'].map(occurrence =>
    definitionYaml({
      name: occurrence,
      formula: '{ kind: distribution, metric: duration, unit: seconds }',
      observes: `[{ occurrence: ${occurrence}, value: seconds }]`,
      dimensions: '[{ name: outcome, bound: 9 }]',
      target: '{ statistic: p95, atMost: 1 }',
    }),
  ),
);

let connection: Connection;
let nativeConnection: NativeConnection;
let client: Client;
beforeAll(async () => {
  const address = testServers().temporalAddress;
  connection = await Connection.connect({ address });
  nativeConnection = await NativeConnection.connect({ address });
  client = new Client({ connection });
});
afterAll(async () => {
  await nativeConnection.close();
  await connection.close();
});

interface Seen {
  readonly workflowId: string;
  readonly runId: string;
  readonly attempts: Published[];
  readonly steps: Published[];
  readonly milestones: Published[];
  readonly closings: Published[];
}

type Workflows = typeof workflows;
type Name = keyof Workflows;

/** Runs a workflow to its end and tells what was published of it and of its children. */
async function run<N extends Name>(
  workflow: N,
  args: Parameters<Workflows[N]>,
  meanwhile: (handle: WorkflowHandle) => Promise<unknown> = async () => undefined,
  memo?: Record<string, unknown>,
): Promise<Seen> {
  const publisher = new MemoryPublisher();
  const taskQueue = randomUUID();
  const capture = captureInto(catalogue, publisher);
  const worker = await startWorker(nativeConnection, taskQueue, capture);
  const workflowId = `order-${randomUUID()}`;
  const runId = await worker.runUntil(async () => {
    const handle = await client.workflow.start(workflow, {
      taskQueue,
      workflowId,
      args,
      ...(memo && { memo }),
    });
    await meanwhile(handle);
    await handle.result().catch((thrown: unknown) => {
      if (!(thrown instanceof WorkflowFailedError)) throw thrown;
    });
    return handle.firstExecutionRunId;
  });
  await settled(capture);
  const events = eventsOf(publisher);
  const ofKpi = (kpi: string) => events.filter(event => event.kpi === kpi);
  return {
    workflowId,
    runId,
    attempts: ofKpi('attempts'),
    steps: ofKpi('step-ended'),
    milestones: ofKpi('milestone'),
    closings: ofKpi('workflow-closed'),
  };
}

const outcomes = (events: readonly Published[]) => events.map(event => event.of.outcome);

describe('a failed attempt', () => {
  it('is captured with its name, before the next one asserts it', async () => {
    const { workflowId, runId, attempts } = await run('failing', [2]);

    const first = `attempts@1:attempt:${workflowId}:${runId}:1:1`;
    const second = `attempts@1:attempt:${workflowId}:${runId}:1:2`;
    expect(attempts.map(event => [event.id, event.of.failure])).toEqual([
      [first, '40P01'],
      [first, 'unknown'],
      [second, 'StillLocked'],
      [second, 'unknown'],
    ]);
    expect(attempts[0]?.of).toMatchObject({ activity: 'fail', deployment: '1.2.3', workflowId });
  });

  it('is captured the last time, too', async () => {
    const { attempts, steps, closings } = await run('failing', [3]);

    expect(new Set(attempts.map(event => event.id)).size).toBe(3);
    expect(attempts.at(-1)?.of.failure).toBe('StillLocked');
    expect(outcomes(steps)).toEqual(['failed']);
    expect(outcomes(closings)).toEqual(['failed']);
  });

  it('whose worker fell silent is asserted by the next attempt', async () => {
    const { workflowId, runId, attempts, closings } = await run('hanging', []);

    expect(attempts.map(event => [event.id, event.of.failure])).toEqual([
      [`attempts@1:attempt:${workflowId}:${runId}:1:1`, 'unknown'],
    ]);
    expect(outcomes(closings)).toEqual(['completed']);
  });

  it('is not one that was cancelled', async () => {
    const { attempts, steps, closings } = await run('forgiving', [], async handle => {
      await waitFor(() => holding.has(handle.workflowId));
      await handle.cancel();
    });

    expect(attempts).toEqual([]);
    expect(outcomes(steps)).toEqual(['cancelled']);
    expect(outcomes(closings)).toEqual(['cancelled']);
  });

  it('is not one that completes elsewhere', async () => {
    const { attempts, steps } = await run('asynchronous', [], async ({ workflowId }) => {
      await waitFor(() => asynchronous.has(workflowId));
      await client.activity.complete(asynchronous.get(workflowId)!, undefined);
    });

    expect(attempts).toEqual([]);
    expect(outcomes(steps)).toEqual(['completed']);
  });
});

describe('a step', () => {
  it('is captured when it ended, with its duration over all attempts in workflow time', async () => {
    const { workflowId, runId, steps } = await run('failing', [2]);

    expect(steps.map(event => event.id)).toEqual([`step-ended@1:step:${workflowId}:${runId}:1`]);
    expect(outcomes(steps)).toEqual(['completed']);
    const tasks = await timesOf(workflowId, 'workflowTaskStartedEventAttributes');
    expect(steps[0]?.timestamp).toBe(new Date(tasks[1]!).toISOString());
    expect(steps[0]?.value).toBe((tasks[1]! - tasks[0]!) / 1000);
  });

  it('may be a child workflow', async () => {
    const child = `order-${randomUUID()}`;
    const { workflowId, runId, steps } = await run('parent', [child]);

    expect(steps.map(event => event.id)).toContain(
      `step-ended@1:step:${workflowId}:${runId}:${child}`,
    );
    expect(outcomes(steps)).toEqual(['completed', 'completed']);
  });

  it('does not begin where the scope is cancelled already', async () => {
    expect((await run('selfInflicted', [])).steps).toEqual([]);
  });
});

describe('a milestone', () => {
  it('is the same event at every attempt of its announcement', async () => {
    const { workflowId, milestones, attempts } = await run('announcing', [announcement]);

    expect(attempts.map(event => event.of.failure)).toEqual(['Error', 'unknown']);
    expect(milestones).toHaveLength(2);
    expect(milestones[1]).toEqual(milestones[0]);
    expect(milestones[0]).toMatchObject({
      id: `milestone@1:milestone:${workflowId}:OrderConfirmed`,
      of: { outcome: 'confirmed', synthetic: true },
    });
  });

  it('takes its time and duration from when the announcement was first scheduled', async () => {
    const { workflowId, milestones } = await run('announcing', [announcement]);

    const [at] = await timesOf(workflowId, 'activityTaskScheduledEventAttributes');
    expect(milestones[0]?.timestamp).toBe(new Date(at!).toISOString());
    expect(milestones[0]?.value).toBe((at! - Date.parse('2026-01-01T00:00:00Z')) / 1000);
  });

  it('never fails its activity, whatever the activity was given', async () => {
    const { milestones, closings } = await run('announcing', [
      { messages: [] } as unknown as Announcement,
    ]);

    expect(milestones).toEqual([]);
    expect(outcomes(closings)).toEqual(['completed']);
  });
});

describe('a closed workflow', () => {
  it.each<[Name, string]>([
    ['plain', 'completed'],
    ['refusing', 'failed'],
    ['selfInflicted', 'failed'],
  ])('%s has the outcome %s', async (workflow, outcome) => {
    const { workflowId, runId, closings } = await run(workflow, [] as never);

    expect(closings.map(event => event.id)).toEqual([
      `workflow-closed@1:closed:${workflowId}:${runId}`,
    ]);
    expect(outcomes(closings)).toEqual([outcome]);
  });

  it('has the outcome that its result names', async () => {
    expect(outcomes((await run('failing', [0])).closings)).toEqual(['confirmed']);
  });

  it('ended when its result says, whose time is the same when its last task is done again', async () => {
    const endedAt = new Date(Date.now() + 60_000).toISOString();
    const { workflowId, closings } = await run('dated', [endedAt]);
    const [started] = await timesOf(workflowId, 'workflowExecutionStartedEventAttributes');
    const value = (Date.parse(endedAt) - started!) / 1000;
    expect(closings).toEqual([expect.objectContaining({ timestamp: endedAt, value })]);
  });

  it.each(['no time', '1999-12-31T23:59:59Z'])(
    'never ended before it began, whatever its result says: %s',
    async endedAt => {
      const { closings } = await run('dated', [endedAt]);
      expect(closings.map(({ value }) => value >= 0)).toEqual([true]);
    },
  );

  it('has the outcome cancelled where it gave in to its cancellation', async () => {
    const { closings } = await run('waiting', [], handle => handle.cancel());

    expect(outcomes(closings)).toEqual(['cancelled']);
  });

  it('is not one whose code is at fault, until it is mended', async () => {
    const publisher = new MemoryPublisher();
    const taskQueue = randomUUID();
    const capture = captureInto(catalogue, publisher);
    const handle = await client.workflow.start('faulty', {
      taskQueue,
      workflowId: randomUUID(),
      // The retry that the stopping worker may have taken is given out again after this time.
      workflowTaskTimeout: '1 second',
    });

    const faulty = await startWorker(nativeConnection, taskQueue, capture, { buildId: 'faulty' });
    await faulty.runUntil(
      waitFor(
        async () => (await timesOf(handle.workflowId, 'workflowTaskFailedEventAttributes'))[0],
      ),
    );
    await settled(capture);
    expect(publisher.records).toEqual([]);

    const mended = await startWorker(nativeConnection, taskQueue, capture, { buildId: 'mended' });
    await mended.runUntil(handle.result());
    await settled(capture);
    expect(outcomes(eventsOf(publisher))).toEqual(['completed']);
  });

  it('is the last run only of one that continues as new, timed from its own start', async () => {
    const { workflowId, runId, closings } = await run('repeating', [2]);

    expect(closings).toHaveLength(1);
    expect(closings[0]?.id).not.toContain(runId);
    const { runId: lastRunId } = await client.workflow.getHandle(workflowId).describe();
    expect(closings[0]?.id).toBe(`workflow-closed@1:closed:${workflowId}:${lastRunId}`);
    const [started] = await timesOf(workflowId, 'workflowExecutionStartedEventAttributes');
    const closed = (await timesOf(workflowId, 'workflowTaskStartedEventAttributes')).at(-1);
    expect(closings[0]?.timestamp).toBe(new Date(closed!).toISOString());
    expect(closings[0]?.value).toBe((closed! - started!) / 1000);
  });
});

describe('what a run hands on', () => {
  it.each([true, false])(
    'gives all its events its trace, and marks them as synthetic: %s',
    async synthetic => {
      const memo = { ...(synthetic && { synthetic }), traceparent };
      const seen = await run('parent', [`order-${randomUUID()}`], undefined, memo);

      const events = [...seen.attempts, ...seen.steps, ...seen.closings];
      expect(events.length).toBeGreaterThanOrEqual(5);
      expect(new Set(events.map(event => event.of.synthetic))).toEqual(new Set([synthetic]));
      expect(new Set(events.map(event => event.traceparent))).toEqual(new Set([traceparent]));
    },
  );
});

describe('replaying a history', () => {
  it('publishes nothing', async () => {
    const { workflowId, closings } = await run('failing', [1]);
    expect(closings).toHaveLength(1);
    const history = await client.workflow.getHandle(workflowId).fetchHistory();
    const publisher = new MemoryPublisher();
    const capture = captureInto(catalogue, publisher);
    const { sinks } = capture;

    await Worker.runReplayHistory({ workflowBundle: await workflowBundle(), sinks }, history);

    expect(capture.counts.pending).toBe(0);
    expect(publisher.records).toEqual([]);
  });
});

describe('a Kafka that never answers', () => {
  it('neither slows nor fails a workflow, and costs no more memory than the queue may hold', async () => {
    const taskQueue = randomUUID();
    const silent = { offer: () => undefined };
    const capture = captureInto(catalogue, silent, 5);
    const worker = await startWorker(nativeConnection, taskQueue, capture);

    const results = await worker.runUntil(
      Promise.all(
        Array.from({ length: 10 }, () =>
          client.workflow.execute<Workflows['failing']>('failing', {
            taskQueue,
            workflowId: `order-${randomUUID()}`,
            args: [1],
          }),
        ),
      ),
    );

    expect(results).toEqual(Array.from({ length: 10 }, () => ({ outcome: 'confirmed' })));
    // Each has at least one failed attempt, asserted again by the second, one step and one closing.
    expect(capture.counts).toMatchObject({ published: 0, failed: 0, pending: 5 });
    expect(capture.counts.dropped).toBeGreaterThanOrEqual(10 * 4 - 5);
  });
});

describe('an empty catalogue', () => {
  it('captures nothing', async () => {
    const taskQueue = randomUUID();
    const publisher = new MemoryPublisher();
    const capture = captureInto(new Catalogue(), publisher);
    const worker = await startWorker(nativeConnection, taskQueue, capture);

    await worker.runUntil(
      client.workflow.execute('failing', {
        taskQueue,
        workflowId: `order-${randomUUID()}`,
        args: [1],
      }),
    );

    expect(capture.counts.pending).toBe(0);
    expect(publisher.records).toEqual([]);
  });
});

type Attributes =
  | 'workflowExecutionStartedEventAttributes'
  | 'workflowTaskStartedEventAttributes'
  | 'workflowTaskFailedEventAttributes'
  | 'activityTaskScheduledEventAttributes';

/** When events of one type are in the history of a workflow's last run, in milliseconds since the epoch. */
async function timesOf(workflowId: string, attributes: Attributes): Promise<number[]> {
  const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
  return (events ?? [])
    .filter(event => event[attributes])
    .map(({ eventTime }) => tsToMs(eventTime));
}
