/** What is asked of the real Temporal's visibility, and when. */
import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { Accounts } from '../../src/watcher/accounts';
import { listed } from '../../src/watcher/listed';
import { testServers } from '../support/servers';
import { waitFor } from '../support/waitFor';

let connection: Connection;
let client: Client;
beforeAll(async () => {
  connection = await Connection.connect({ address: testServers().temporalAddress });
  client = new Client({ connection });
});
afterEach(() => jest.restoreAllMocks());
afterAll(() => connection?.close());

const pace = async () => undefined;

/** Starts so many workflows that nobody works on; answers with their task queue once they are listed. */
async function openRuns(count: number): Promise<string> {
  const taskQueue = `listed-${randomUUID()}`;
  const options = { taskQueue, workflowExecutionTimeout: '2 minutes' } as const;
  const names = Array.from({ length: count }, (_, i) => `${taskQueue}-${i}`);
  await Promise.all(
    names.map(workflowId => client.workflow.start('order', { ...options, workflowId })),
  );
  const query = `TaskQueue = '${taskQueue}'`;
  await waitFor(async () => (await client.workflow.count(query)).count === count);
  return taskQueue;
}

it('each page of a list is a request that waits for its turn', async () => {
  const taskQueue = await openRuns(25);
  const order: string[] = [];
  const { workflowService } = client;
  const list = workflowService.listWorkflowExecutions.bind(workflowService);
  jest.spyOn(workflowService, 'listWorkflowExecutions').mockImplementation(((
    ...request: Parameters<typeof list>
  ) => {
    order.push('page');
    return list(...request);
  }) as typeof list);
  const paced = { client, pace: async () => void order.push('turn') };
  const found = new Set<string>();
  for await (const row of listed(paced, `TaskQueue = '${taskQueue}'`, 10)) {
    found.add(row.workflowId);
  }
  expect(found.size).toBe(25);
  expect(order).toEqual(['turn', 'page', 'turn', 'page', 'turn', 'page']);
});

it('every open run is asked for what it tries again, some of them in each pass', async () => {
  const taskQueue = await openRuns(250);
  const { workflowService } = client;
  const describe = jest.spyOn(workflowService, 'describeWorkflowExecution');
  const accounts = new Accounts({ client, namespace: 'default', taskQueue, pace });
  const span = { from: 0, to: Date.now() + 1 };
  const asked = new Set<string>();
  const pass = async () => {
    describe.mockClear();
    for await (const _ of accounts.ofRetrying(span)) throw new Error('nothing is tried again');
    const ids = describe.mock.calls.map(
      ([request]) => (request as { execution: { workflowId: string } }).execution.workflowId,
    );
    for (const id of ids) asked.add(id);
    return ids;
  };
  const first = await pass();
  expect(first).toHaveLength(200);
  expect((await pass()).length).toBeLessThan(100);
  expect(asked.size).toBe(250);
  expect(await pass()).toEqual(first);
});
