import { randomUUID } from 'node:crypto';
import { Client } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time';
import { NativeConnection } from '@temporalio/worker';
import { orderSearchAttributes } from '../src/domain/searchAttributes';
import { ensureSearchAttributes } from '../src/searchAttributes';
import { testServers } from './support/servers';
import { quietRuntime } from './support/temporalSdk';

quietRuntime();

describe('the search attributes of a namespace that is new', () => {
  const namespace = `namespace-${randomUUID()}`;
  let connection: NativeConnection;

  beforeAll(async () => {
    connection = await NativeConnection.connect({ address: testServers().temporalAddress });
    await connection.workflowService.registerNamespace({
      namespace,
      workflowExecutionRetentionPeriod: msToTs('1 day'),
    });
  });
  afterAll(() => connection.close());

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
