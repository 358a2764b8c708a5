/**
 * What a history proves, held against what the interceptors published while it was made: the same ids, the
 * same fields, the same times, but for what Temporal does not keep of attempts before the last.
 */
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client, Connection, WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils';
import { NativeConnection, type Worker } from '@temporalio/worker';
import fc from 'fast-check';
import type { Catalogue } from '../../src/kpi/catalogue';
import { derive } from '../../src/kpi/derive';
import type { Occurrence } from '../../src/kpi/occurrence';
import { type Account, accountOf } from '../../src/watcher/account';
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
} from '../interceptors/testWorker';
import type * as workflows from '../interceptors/workflows';
import { catalogueOf, definitionYaml } from '../kpi/samples';
import { MemoryPublisher } from '../support/memoryPublisher';
import { testServers } from '../support/servers';
import { waitFor } from '../support/waitFor';

/** One KPI for each kind of occurrence, with all that is said of it. */
const catalogue: Catalogue = catalogueOf(
  definitionYaml({
    name: 'attempts',
    observes: '[{ occurrence: attempt-failed, value: attempt }]',
    formula: '{ kind: sum, metric: attempts, unit: attempts }',
    dimensions: dimensions('failure', 'activity', 'workflowType', 'taskQueue'),
  }),
  ...[
    ['step-ended', dimensions('step', 'outcome', 'workflowType', 'taskQueue')],
    [
      'milestone',
      dimensions('name', 'outcome', 'currency', 'channel', 'workflowType', 'taskQueue'),
    ],
    ['workflow-closed', dimensions('outcome', 'workflowType', 'taskQueue')],
  ].map(([occurrence, kept]) =>
    definitionYaml({
      name: occurrence!,
      formula: '{ kind: distribution, metric: duration, unit: seconds }',
      target: '{ statistic: p95, atMost: 1 }',
      observes: `[{ occurrence: ${occurrence}, value: seconds }]`,
      dimensions: kept!,
    }),
  ),
);

function dimensions(...names: string[]): string {
  return `[${names.map(name => `{ name: ${name}, bound: 5 }`).join(', ')}]`;
}

let connection: Connection;
let nativeConnection: NativeConnection;
let client: Client;
let worker: Worker;
let running: Promise<void>;
const publisher = new MemoryPublisher();
const capture = captureInto(catalogue, publisher);
const taskQueue = randomUUID();

beforeAll(async () => {
  const address = testServers().temporalAddress;
  connection = await Connection.connect({ address });
  nativeConnection = await NativeConnection.connect({ address });
  client = new Client({ connection });
  worker = await startWorker(nativeConnection, taskQueue, capture);
  running = worker.run();
});
afterAll(async () => {
  worker?.shutdown();
  await running;
  await nativeConnection?.close();
  await connection?.close();
});

type Workflows = typeof workflows;
type Name = keyof Workflows;

interface Made {
  readonly workflowId: string;
  readonly published: readonly Published[];
  readonly account: Account;
}

/** Runs a workflow to its end; answers with what was published of its last run, and what its history proves. */
async function make<N extends Name>(
  workflow: N,
  args: Parameters<Workflows[N]>,
  meanwhile: (handle: WorkflowHandle) => Promise<unknown> = async () => undefined,
  memo: Record<string, unknown> = {},
): Promise<Made> {
  const workflowId = `order-${randomUUID()}`;
  const handle = await client.workflow.start(workflow, { taskQueue, workflowId, args, memo });
  await meanwhile(handle);
  await handle.result().catch((thrown: unknown) => {
    if (!(thrown instanceof WorkflowFailedError)) throw thrown;
  });
  return made(workflowId);
}

async function made(workflowId: string): Promise<Made> {
  const handle = client.workflow.getHandle(workflowId);
  const { runId } = await handle.describe();
  const account = accountOf({ workflowId, runId }, await handle.fetchHistory());
  await settled(capture);
  const published = eventsOf(publisher).filter(({ of }) => of.workflowId === workflowId);
  return { workflowId, published, account };
}

const derived = ({ occurrences }: Account) =>
  occurrences.flatMap(occurrence => derive(catalogue, occurrence, '1.2.3'));

/** What counts of several events with one id: the one that knows the type of failure. */
function counting(published: readonly Published[]): Map<string, Published> {
  const events = new Map<string, Published>();
  for (const event of published) {
    const known = events.get(event.id);
    if (known === undefined || known.of.failure === 'unknown') events.set(event.id, event);
  }
  return events;
}

/** @param exact false where the end of a step is not that of its history */
function expectSame({ published, account }: Made, exact = true): void {
  const counted = counting(published);
  const proved = derived(account);
  expect(proved.map(({ id }) => id).sort()).toEqual([...counted.keys()].sort());
  for (const { id, data } of proved) {
    const { timestamp, value, of } = counted.get(id)!;
    const mine = Object.fromEntries(data.metadata.map(m => [m.name, m.value]));
    if (data.kpi === 'attempts') {
      expect(data.value).toBe(value);
      expect([of.failure, 'unknown']).toContain(mine.failure);
      expect(mine).toEqual({ ...of, failure: mine.failure });
    } else {
      expect(mine).toEqual(of);
      if (exact) expect({ id, ...data }).toMatchObject({ timestamp, value });
    }
  }
}

const failuresOf = ({ account }: Made) =>
  account.occurrences.flatMap(it => (it.occurrence === 'attempt-failed' ? [it.failure] : []));

describe('the history of a run', () => {
  it.each<[Name, unknown[]]>([
    ['plain', []],
    ['dated', [new Date(Date.now() + 60_000).toISOString()]],
    ['dated', ['1999-12-31T23:59:59Z']],
    ['refusing', []],
    ['selfInflicted', []],
    ['repeating', [2]],
    ['failing', [0]],
    ['failing', [1]],
    ['failing', [2]],
    ['failing', [3]],
    ['hanging', []],
    ['announcing', [announcement]],
    ['announcing', [{ messages: [] }]],
  ])('%s(%j) proves exactly what its interceptors published', async (workflow, args) => {
    expectSame(await make(workflow, args as never));
  });

  it('proves the end of one that was cancelled', async () => {
    expectSame(await make('waiting', [], handle => handle.cancel()));
  });

  it('proves an activity that completes elsewhere', async () => {
    const run = await make('asynchronous', [], async ({ workflowId }) => {
      await waitFor(() => asynchronous.has(workflowId));
      await client.activity.complete(asynchronous.get(workflowId)!, undefined);
    });
    expectSame(run);
  });

  it('has the failure of an activity that is cancelled, which is none', async () => {
    const run = await make('forgiving', [], async handle => {
      await waitFor(() => holding.has(handle.workflowId));
      await handle.cancel();
    });
    // This workflow waits for its activity's answer, which no workflow of an order does.
    expectSame(run, false);
  });

  it('proves child workflows as steps, each with its own history beside', async () => {
    const child = `order-${randomUUID()}`;
    expectSame(await make('parent', [child], undefined, { synthetic: true, traceparent }));
    expectSame(await made(child));
  });

  it('tells of the last failure, and that earlier ones were', async () => {
    const runs = [1, 2, 3].map(times => make('failing', [times]));
    const [one, two, three] = (await Promise.all(runs)).map(failuresOf);
    expect(one).toEqual(['40P01']);
    expect(two).toEqual(['unknown', 'StillLocked']);
    expect(three).toEqual(['unknown', 'StillLocked', 'StillLocked']);
    expect(failuresOf(await make('hanging', []))).toEqual(['unknown']);
  });

  it('places each failed attempt between the first schedule and the last start', async () => {
    const run = await make('failing', [3]);
    const { events } = await client.workflow.getHandle(run.workflowId).fetchHistory();
    const times = (
      attributes: 'activityTaskScheduledEventAttributes' | 'activityTaskStartedEventAttributes',
    ) =>
      (events ?? []).flatMap(event =>
        event[attributes] ? [Number(event.eventTime!.seconds) * 1e3] : [],
      );
    const [scheduled] = times('activityTaskScheduledEventAttributes');
    const [started] = times('activityTaskStartedEventAttributes');
    const attempts = run.account.occurrences.filter(it => it.occurrence === 'attempt-failed');
    for (const { at } of attempts) {
      expect(at).toBeGreaterThanOrEqual(scheduled!);
      expect(at).toBeLessThan(started! + 1_000);
    }
    expect(attempts.map(({ at }) => at)).toEqual(
      attempts.map(({ at }) => at).sort((a, b) => a - b),
    );
  });
});

describe('a run that nothing of ours ended', () => {
  it('was terminated, at the time that Temporal says', async () => {
    const run = await make('waiting', [], handle => handle.terminate('by hand'));
    expect(run.published).toEqual([]);
    expect(run.account.occurrences).toEqual([
      expect.objectContaining({
        occurrence: 'workflow-closed',
        outcome: 'terminated',
        workflowType: 'waiting',
        taskQueue,
      }),
    ]);
  });

  it('has no milestone whose announcement may never have begun, and leaves room for it', async () => {
    const workflowId = `order-${randomUUID()}`;
    const handle = await client.workflow.start('announcing', {
      taskQueue: `${taskQueue}-nobody`,
      workflowId,
      args: [announcement],
    });
    await handle.terminate();
    const { account } = await made(workflowId);
    expect(account.occurrences.map(({ occurrence }) => occurrence)).toEqual(['workflow-closed']);
    expect(account.mayHave(`milestone:${workflowId}:OrderConfirmed`)).toBe(false);
  });
});

describe('a run that was reset', () => {
  it('proves only what follows the point of the reset', async () => {
    const before = await make('failing', [1]);
    const { workflowId } = before;
    const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
    const tasks = (events ?? []).filter(event => event.workflowTaskCompletedEventAttributes);
    const { runId: baseRunId } = await client.workflow.getHandle(workflowId).describe();
    const reset = async (task: (typeof tasks)[number]) => {
      const { runId } = await client.workflowService.resetWorkflowExecution({
        namespace: 'default',
        workflowExecution: { workflowId, runId: baseRunId },
        workflowTaskFinishEventId: task.eventId,
        requestId: randomUUID(),
        reason: 'test',
      });
      const handle = client.workflow.getHandle(workflowId, runId);
      await handle.result();
      const account = accountOf({ workflowId, runId }, await handle.fetchHistory());
      const isOfRun = ({ id }: Published) => id.includes(runId);
      await settled(capture);
      return { workflowId, account, published: eventsOf(publisher).filter(isOfRun) };
    };
    const atTheEnd = await reset(tasks[1]!);
    expectSame(atTheEnd);
    expect(atTheEnd.account.occurrences.map(kindOf)).toEqual(['step-ended', 'workflow-closed']);
    const atTheBeginning = await reset(tasks[0]!);
    expectSame(atTheBeginning);
    expect(atTheBeginning.account.occurrences.map(kindOf)).toEqual(
      before.account.occurrences.map(kindOf),
    );
  });
});

const kindOf = ({ occurrence }: Occurrence) => occurrence;

describe('any number of failures, of any kind', () => {
  it('is proved as it was published', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(0, 1, 2, 3), { minLength: 1, maxLength: 6 }),
        fc.boolean(),
        async (times, synthetic) => {
          const memo = { ...(synthetic && { synthetic }), traceparent };
          const runs = await Promise.all(
            times.map(count => make('failing', [count], undefined, memo)),
          );
          for (const run of runs) expectSame(run);
        },
      ),
      { numRuns: 3 },
    );
  });
});

interface RecordedEvent {
  readonly activityTaskScheduledEventAttributes?: {
    readonly activityType: { readonly name: string };
    readonly input: { readonly payloads: readonly { readonly data: string }[] };
  };
}

describe('recorded histories', () => {
  const folder = join(__dirname, '..', 'histories');
  const accountIn = (file: string) => {
    const history = historyFromJSON(JSON.parse(readFileSync(join(folder, file), 'utf8')));
    return accountOf({ workflowId: 'order-x', runId: 'run' }, history);
  };
  /** Read from the file alone: the milestones that the calls of `announce` name. */
  const announcedIn = (file: string): string[] => {
    const { events } = JSON.parse(readFileSync(join(folder, file), 'utf8'));
    return events.flatMap((event: RecordedEvent) => {
      const asked = event.activityTaskScheduledEventAttributes;
      if (asked?.activityType.name !== 'announce') return [];
      const { milestone } = JSON.parse(
        Buffer.from(asked.input.payloads[0]!.data, 'base64').toString(),
      );
      return milestone === undefined ? [] : [milestone.name];
    });
  };

  it('of a confirmed order after a lost attempt prove the attempt, both steps, the milestone and the end', () => {
    const { occurrences } = accountIn('0.1.0-retried.json');
    const { events } = JSON.parse(readFileSync(join(folder, '0.1.0-retried.json'), 'utf8'));
    const times = (type: string): number[] =>
      events
        .filter(({ eventType }: { eventType: string }) => eventType === `EVENT_TYPE_${type}`)
        .map(({ eventTime }: { eventTime: string }) => Date.parse(eventTime));
    const [begun] = times('WORKFLOW_EXECUTION_STARTED');
    const tasks = times('WORKFLOW_TASK_STARTED');
    const scheduled = times('ACTIVITY_TASK_SCHEDULED');
    const [secondAttempt] = times('ACTIVITY_TASK_STARTED');
    const [payload] = events.at(-1).workflowExecutionCompletedEventAttributes.result.payloads;
    const result = JSON.parse(Buffer.from(payload.data, 'base64').toString());
    const seconds = (from: number, to: number) => (to - from) / 1000;
    expect(occurrences).toMatchObject([
      {
        id: 'attempt:order-x:run:1:1',
        activity: 'reserveStock',
        failure: 'unknown',
        at: secondAttempt,
        versionAt: scheduled[0],
      },
      {
        id: 'step:order-x:run:1',
        step: 'reserveStock',
        outcome: 'completed',
        at: tasks[1],
        seconds: seconds(tasks[0]!, tasks[1]!),
      },
      {
        id: 'milestone:order-x:OrderConfirmed',
        at: scheduled[1],
        total: result.total,
        currency: result.currency,
        synthetic: false,
      },
      {
        id: 'step:order-x:run:2',
        step: 'announce',
        outcome: 'completed',
        seconds: seconds(tasks[1]!, tasks[2]!),
      },
      {
        id: 'closed:order-x:run',
        outcome: 'confirmed',
        at: Date.parse(result.endedAt),
        seconds: seconds(begun!, Date.parse(result.endedAt)),
        versionAt: begun,
      },
    ]);
  });

  it.each(readdirSync(folder).filter(name => name.endsWith('.json')))(
    '%s proves its end once, and a milestone for each that it announced',
    file => {
      const { occurrences } = accountIn(file);
      expect(occurrences.filter(found => found.occurrence === 'workflow-closed')).toHaveLength(1);
      const milestones = occurrences.filter(found => found.occurrence === 'milestone');
      expect(milestones.map(({ name }) => name)).toEqual(announcedIn(file));
    },
  );
});
