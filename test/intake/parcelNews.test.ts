import { Client } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { Registry } from 'prom-client';
import { orderWorkflowId, shipmentWorkflowId } from '../../src/domain/ids';
import { createPartnerMetrics } from '../../src/intake/metrics';
import { dispatchedRoute, packedRoute } from '../../src/intake/parcelNews';
import { createPartnerRecords } from '../../src/intake/partnerRecords';
import { createWorkflows, type Workflows } from '../../src/intake/workflows';
import type { IncomingRecord, OutgoingRecord } from '../../src/kafka/record';
import { deadLetterTopic } from '../../src/messages/deadLetterQueue';
import { orderPickedAndPacked } from '../../src/messages/orderPickedAndPacked';
import { shipmentDispatched } from '../../src/messages/shipmentDispatched';
import { listeningLogger, unique } from '../support/kafka';
import { incomingRecord } from '../support/records';
import { testServers } from '../support/servers';
import { bundleQuietly, quietRuntime } from '../support/temporalSdk';
import { endSignal, heardQuery, orderListener, shipmentListener } from './workflows';

quietRuntime();

const address = () => testServers().temporalAddress;
const taskQueue = unique('listeners');

let connection: NativeConnection;
let client: Client;
let worker: Worker;
let running: Promise<void>;

beforeAll(async () => {
  connection = await NativeConnection.connect({ address: address() });
  client = new Client({ connection });
  const workflowBundle = await bundleQuietly(require.resolve('./workflows'));
  worker = await Worker.create({ connection, taskQueue, workflowBundle });
  running = worker.run();
});
afterAll(async () => {
  worker?.shutdown();
  await running;
  await connection?.close();
});

/** The handler of the two topics; what it publishes is kept in memory. */
function station(workflows: Workflows = createWorkflows({ client, address: address() })) {
  const published: OutgoingRecord[] = [];
  const registry = new Registry();
  const { logger, lines } = listeningLogger();
  const handle = createPartnerRecords({
    routes: [packedRoute(workflows), dispatchedRoute(workflows)],
    publisher: {
      async publish(record) {
        published.push(record);
        return { partition: 0, offset: '0' };
      },
    },
    group: 'partners',
    maxBytes: 10_000,
    metrics: createPartnerMetrics(registry),
    logger,
  });
  return {
    handle,
    said: () => lines.map(line => JSON.parse(line) as unknown),
    /** The codes of the dead letters. */
    deadLetters: () =>
      published.map(({ topic, headers }) => {
        expect(topic).toBe(deadLetterTopic);
        return String(headers!['kafka_dlt-exception-fqcn']);
      }),
    counts: async () => {
      const [metric] = await registry.getMetricsAsJSON();
      return Object.fromEntries(metric!.values.map(({ labels, value }) => [labels.result, value]));
    },
  };
}

const packing = { shipment: '1', packedAt: '2026-01-31T11:02:40Z' };
const dispatch = {
  shipment: '1',
  carrier: 'swift',
  trackingNumber: 'SW-1',
  dispatchedAt: '2026-01-31T15:20:00Z',
};
const packed = (orderId: string): IncomingRecord =>
  incomingRecord({ orderId, ...packing }, { topic: orderPickedAndPacked.topic });
const dispatched = (orderId: string): IncomingRecord =>
  incomingRecord({ orderId, ...dispatch }, { topic: shipmentDispatched.topic });

async function startOrder() {
  const orderId = unique('order');
  const workflowId = orderWorkflowId(orderId);
  return { orderId, order: await client.workflow.start(orderListener, { taskQueue, workflowId }) };
}

async function startShipment(orderId: string) {
  const workflowId = shipmentWorkflowId(orderId, '1');
  return client.workflow.start(shipmentListener, { taskQueue, workflowId });
}

async function end(handle: Awaited<ReturnType<typeof startShipment>>, outcome: string) {
  await handle.signal(endSignal, outcome);
  await handle.result();
}

describe('A parcel that was packed', () => {
  it('is told to its order, which is also told again', async () => {
    const { handle, counts } = station();
    const { orderId, order } = await startOrder();
    await handle(packed(orderId));
    await handle(packed(orderId));
    expect(await order.query(heardQuery)).toEqual([{ packing }, { packing }]);
    expect(await counts()).toEqual({ done: 2 });
  });

  it.each(['completed', 'confirmed', 'failed'])(
    'changes nothing once its order ended as %s, and is counted as late',
    async outcome => {
      const { handle, deadLetters, counts } = station();
      const { orderId, order } = await startOrder();
      await end(order, outcome);
      await handle(packed(orderId));
      expect(await counts()).toEqual({ late: 1 });
      expect(deadLetters()).toEqual([]);
    },
  );

  it.each(['cancelled', 'rejected'])(
    'is a dead letter where its order ended as %s',
    async outcome => {
      const { handle, deadLetters, counts } = station();
      const { orderId, order } = await startOrder();
      await end(order, outcome);
      await handle(packed(orderId));
      expect(deadLetters()).toEqual(['OrderClosed']);
      expect(await counts()).toEqual({ OrderClosed: 1 });
    },
  );

  it('is a dead letter where somebody ended its order', async () => {
    const { handle, deadLetters } = station();
    const { orderId, order } = await startOrder();
    await order.terminate();
    await handle(packed(orderId));
    expect(deadLetters()).toEqual(['OrderClosed']);
  });

  it('is a dead letter where nobody knows its order, and the log names it', async () => {
    const { handle, deadLetters, said } = station();
    const orderId = unique('nobody');
    await handle(packed(orderId));
    expect(deadLetters()).toEqual(['OrderUnknown']);
    expect(said()).toMatchObject([{ level: 40, code: 'OrderUnknown', orderId }]);
  });
});

describe('A parcel that was dispatched', () => {
  it('is told to its own workflow, and not to its order', async () => {
    const { handle } = station();
    const { orderId, order } = await startOrder();
    const shipment = await startShipment(orderId);
    await handle(dispatched(orderId));
    expect(await shipment.query(heardQuery)).toEqual([{ dispatch }]);
    expect(await order.query(heardQuery)).toEqual([]);
  });

  it('is told to its order where it comes before its own workflow begins', async () => {
    const { handle, counts } = station();
    const { orderId, order } = await startOrder();
    await handle(dispatched(orderId));
    expect(await order.query(heardQuery)).toEqual([{ dispatch }]);
    expect(await counts()).toEqual({ done: 1 });
  });

  it('changes nothing once it is shipped, and is counted as late', async () => {
    const { handle, deadLetters, counts } = station();
    const { orderId, order } = await startOrder();
    await end(await startShipment(orderId), 'shipped');
    await handle(dispatched(orderId));
    expect(await counts()).toEqual({ late: 1 });
    expect(deadLetters()).toEqual([]);
    expect(await order.query(heardQuery)).toEqual([]);
  });

  it('is a dead letter where its own workflow had given it up', async () => {
    const { handle, deadLetters } = station();
    const { orderId } = await startOrder();
    await end(await startShipment(orderId), 'failed');
    await handle(dispatched(orderId));
    expect(deadLetters()).toEqual(['OrderClosed']);
  });

  it('is a dead letter where somebody ended its own workflow', async () => {
    const { handle, deadLetters } = station();
    const { orderId } = await startOrder();
    await (await startShipment(orderId)).terminate();
    await handle(dispatched(orderId));
    expect(deadLetters()).toEqual(['OrderClosed']);
  });

  it('is a dead letter where its order was cancelled before anything was packed', async () => {
    const { handle, deadLetters } = station();
    const { orderId, order } = await startOrder();
    await end(order, 'cancelled');
    await handle(dispatched(orderId));
    expect(deadLetters()).toEqual(['OrderClosed']);
  });

  it('is a dead letter where nobody knows its order', async () => {
    const { handle, deadLetters } = station();
    await handle(dispatched(unique('nobody')));
    expect(deadLetters()).toEqual(['OrderUnknown']);
  });
});

describe('News of a parcel', () => {
  it.each([
    ['is no JSON', Buffer.from('{'), 'NotJson'],
    ['has no shipment', { orderId: 'A-1', packedAt: packing.packedAt }, 'MessageInvalid'],
    ['names no order', { ...packing, orderId: 'a/b' }, 'MessageInvalid'],
  ])('that %s is a dead letter, and Temporal is not asked', async (_what, value, code) => {
    const { handle, deadLetters } = station({
      signal: () => Promise.reject(new Error('it was asked')),
      standing: () => Promise.reject(new Error('it was asked')),
    });
    await handle(incomingRecord(value, { topic: orderPickedAndPacked.topic }));
    expect(deadLetters()).toEqual([code]);
  });

  it('waits while Temporal is away, and nothing of it is lost', async () => {
    const away = await NativeConnection.connect({ address: address() });
    const workflows = createWorkflows({
      client: new Client({ connection: away }),
      address: 'away',
    });
    await away.close();
    const { handle, deadLetters } = station(workflows);
    await expect(handle(packed('A-1'))).rejects.toMatchObject({ code: 'TemporalUnavailable' });
    await expect(handle(dispatched('A-1'))).rejects.toMatchObject({ transient: true });
    expect(deadLetters()).toEqual([]);
  });

  it('is tried again where its workflow begins to run at that moment', async () => {
    const { handle, deadLetters } = station({
      signal: async () => false,
      standing: async () => ({ status: 'running' }),
    });
    await expect(handle(packed('A-1'))).rejects.toMatchObject({ transient: true });
    await expect(handle(dispatched('A-1'))).rejects.toMatchObject({ transient: true });
    expect(deadLetters()).toEqual([]);
  });
});
