import { randomUUID } from 'node:crypto';
import { Client } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time';
import { NativeConnection } from '@temporalio/worker';
import { orderSearchAttributes } from '../src/domain/searchAttributes';
import { ensureSearchAttributes } from '../src/searchAttributes';
import { testServers } from './support/servers';
import { quietRuntime } from './support/temporalSdk';

quietRuntime();

let connection: NativeConnection;
beforeAll(async () => {
  connection = await NativeConnection.connect({ address: testServers().temporalAddress });
});
afterAll(() => connection.close());

describe('the search attributes of a namespace that does not exist', () => {
  it('are refused with its name, and how to create it', async () => {
    const refused = ensureSearchAttributes(connection, 'nowhere');
    await expect(refused).rejects.toMatchObject({
      code: 'NamespaceUnknown',
      parameters: { namespace: 'nowhere' },
    });
  });
});

describe('the search attributes of a namespace that is new', () => {
  const namespace = `namespace-${randomUUID()}`;

  beforeAll(async () => {
    await connection.workflowService.registerNamespace({
      namespace,
      workflowExecutionRetentionPeriod: msToTs('1 day'),
    });
  });

  it('can be used by a workflow once several starters at once have seen to them', async () => {
    await Promise.all([1, 2, 3].map(() => ensureSearchAttributes(connection, namespace)));
    const { workflow } = new Client({ connection, namespace });
    const order = await workflow.start('order', {
      taskQueue: namespace,
      workflowId: 'order-1',
      typedSearchAttributes: [{ key: orderSearchAttributes.status, value: 'received' }],
    });
    const { searchAttributes } = await order.describe();
    expect(searchAttributes.OrderStatus).toEqual(['received']);
  });
});
