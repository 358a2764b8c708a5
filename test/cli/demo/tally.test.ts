import type { z } from 'zod';
import { runHeader } from '../../../src/cli/demo/submissions';
import { type Scope, Tally } from '../../../src/cli/demo/tally';
import { encode } from '../../../src/kafka/cloudEvents';
import { deadLetter } from '../../../src/kafka/deadLetter';
import { headerText, type IncomingRecord } from '../../../src/kafka/record';
import { kpiEvent } from '../../../src/messages/kpiEvent';
import type { TopicMessage } from '../../../src/messages/message';
import { operatorNotice } from '../../../src/messages/operatorNotice';
import { orderConfirmed } from '../../../src/messages/orderConfirmed';
import { orderRejected } from '../../../src/messages/orderRejected';
import { orderShipped } from '../../../src/messages/orderShipped';

const onlyMine: Scope = {
  isOurs: ({ headers }) => headerText(headers, runHeader) === 'mine-',
  isOurOrder: orderId => orderId.startsWith('mine-'),
  windowMs: Number.POSITIVE_INFINITY,
  kpis: ['order-latency', 'order-duration'],
};

let nextOffset = 0;

function record(
  topic: string,
  {
    key = 'mine-1',
    headers = {},
    value = '{}',
  }: Partial<Record<'key' | 'value', string>> & {
    headers?: Readonly<Record<string, string | Buffer>>;
  } = {},
): IncomingRecord {
  return {
    topic,
    partition: 0,
    offset: String(nextOffset++),
    timestamp: 0,
    key: Buffer.from(key),
    value: Buffer.from(value),
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)]),
    ),
  };
}

const mine = { [runHeader]: 'mine-' };
const event = (id: string) => ({ ce_specversion: '1.0', ce_source: 'urn:test', ce_id: id });

function asDeadLetter(original: IncomingRecord, code: string): IncomingRecord {
  const letter = deadLetter(original, 'group', { code, message: 'why' });
  return record('DeadLetterQueue', { headers: letter.headers ?? {} });
}

function kpi(topic: string, id: string, workflowId: string, error?: string): IncomingRecord {
  const others = kpiEvent.example.metadata.filter(({ name }) => name !== 'workflowId');
  const dimensions = error === undefined ? [] : [{ name: 'error', value: error }];
  const data = {
    ...kpiEvent.example,
    timestamp: new Date().toISOString(),
    metadata: [...others, { name: 'workflowId', value: workflowId }, ...dimensions],
  };
  return record(topic, encode({ type: kpiEvent.type, id, key: id, data }));
}

function announced<Schema extends z.ZodType>(
  { type, topic }: TopicMessage<Schema>,
  id: string,
  data: z.output<Schema>,
): IncomingRecord {
  return record(topic, encode({ type, id, key: 'mine-1', data }));
}

describe('the tally', () => {
  it('counts a submission once, however often it is delivered', () => {
    const tally = new Tally(onlyMine);
    for (const id of ['a', 'a', 'b']) {
      tally.count(record('OrderReceived', { headers: { ...mine, ...event(id) } }));
    }
    expect(tally.received.size).toBe(2);
  });

  it('takes records that are no events, or broken ones, for submissions of their own', () => {
    const tally = new Tally(onlyMine);
    tally.count(record('OrderReceived', { headers: mine }));
    tally.count(record('OrderReceived', { headers: mine }));
    const otherVersion = { ...mine, ...event('a'), ce_specversion: '9.9' };
    tally.count(record('OrderReceived', { headers: otherVersion }));
    tally.count(record('OrderReceived', { headers: otherVersion }));
    expect(tally.received.size).toBe(4);
  });

  it('counts a dead letter once per submission that it came from, with its reason', () => {
    const tally = new Tally(onlyMine);
    const plain = record('OrderReceived', { headers: mine });
    const asEvent = record('OrderReceived', { headers: { ...mine, ...event('a') } });
    for (let time = 0; time < 2; time++) {
      tally.count(asDeadLetter(plain, 'NotJson'));
      tally.count(asDeadLetter(asEvent, 'ConflictingOrder'));
    }
    expect([...tally.deadLetters.values()]).toEqual(['NotJson', 'ConflictingOrder']);
  });

  it('counts an announcement once per event id', () => {
    const tally = new Tally(onlyMine);
    const confirmed = () =>
      record('OrderConfirmed', { key: 'mine-1', headers: event('OrderConfirmed:mine-1') });
    tally.count(confirmed());
    tally.count(confirmed());
    tally.count(record('OrderRejected', { key: 'mine-2', headers: event('OrderRejected:mine-2') }));
    tally.count(
      record('OrderCancelled', { key: 'mine-3', headers: event('OrderCancelled:mine-3') }),
    );
    expect([...tally.confirmed.values()]).toEqual(['mine-1']);
    expect([...tally.rejected.values()]).toEqual(['mine-2']);
    expect([...tally.cancelled.values()]).toEqual(['mine-3']);
  });

  it('would count a second announcement of the same order under another event id', () => {
    const tally = new Tally(onlyMine);
    for (const id of ['OrderConfirmed:mine-1', 'another']) {
      tally.count(record('OrderConfirmed', { headers: event(id) }));
    }
    expect(tally.confirmed.size).toBe(2);
  });

  it('counts KPI events once per event id', () => {
    const tally = new Tally(onlyMine);
    for (const id of ['l1', 'l1', 'l2']) tally.count(kpi('OrderLatency', id, 'order-mine-1'));
    for (const id of ['e1', 'e1']) tally.count(kpi('InventoryErrors', id, id, 'DuplicateOrder'));
    tally.count(kpi('InventoryErrors', 'e2', 'e2', 'UnknownProduct'));
    expect(tally.decided.size).toBe(2);
    expect(tally.latency.distribution(Date.now())?.count).toBe(2);
    expect(tally.duplicates.size).toBe(1);
  });

  it('remembers each event of the KPIs in question that is of our orders, and reads their topics', () => {
    const tally = new Tally(onlyMine);
    expect(tally.topics).toEqual(expect.arrayContaining(['OrderReceived', 'OrderDuration']));
    for (const id of ['d1', 'd1', 'd2']) tally.count(kpi('OrderDuration', id, 'order-mine-1'));
    tally.count(kpi('OrderDuration', 'd3', 'order-theirs-1'));
    tally.count(kpi('InventoryErrors', 'e1', 'order-mine-1'));
    expect([...tally.kpiEvents.keys()]).toEqual(['d1', 'd2']);
  });

  it('knows how many submissions are decided, an order that was cancelled later being one of them', () => {
    const tally = new Tally(onlyMine);
    for (const id of ['a', 'b', 'c']) {
      tally.count(record('OrderReceived', { headers: { ...mine, ...event(id) } }));
    }
    tally.count(record('OrderConfirmed', { headers: event('OrderConfirmed:mine-1') }));
    tally.count(record('OrderCancelled', { headers: event('OrderCancelled:mine-1') }));
    tally.count(kpi('InventoryErrors', 'e1', 'e1', 'DuplicateOrder'));
    expect(tally.decidedSubmissions).toBe(2);
    expect(tally.cancelledAfterConfirmation).toBe(1);
  });

  it('takes events of a parcel’s workflow for those of its order', () => {
    const tally = new Tally({ ...onlyMine, kpis: ['shipment-duration'] });
    tally.count(kpi('ShipmentDuration', 's1', 'shipment-mine-1-2'));
    tally.count(kpi('ShipmentDuration', 's2', 'shipment-theirs-1-2'));
    tally.count(kpi('ShipmentDuration', 's3', 'reconciliation-mine-1'));
    expect([...tally.kpiEvents.keys()]).toEqual(['s1']);
  });

  it('adds up what the parcels are worth that are on their way, each once, by their confirmation', () => {
    const tally = new Tally(onlyMine);
    const parcels = [1, 2, 3].map(number => ({
      shipment: String(number),
      location: 'main',
      products: [{ productCode: 'TEA-100', quantity: number }],
    }));
    const confirmation = {
      ...orderConfirmed.example,
      orderId: 'mine-1',
      products: [{ productCode: 'TEA-100', quantity: 6, unitPrice: 100 }],
      total: 600,
      shipments: parcels,
    };
    const shipped = (shipment: string) =>
      announced(orderShipped, `OrderShipped:mine-1:${shipment}`, {
        ...orderShipped.example,
        orderId: 'mine-1',
        shipment,
      });
    tally.count(shipped('3'));
    expect(tally.shippedValue).toBeNaN();
    tally.count(announced(orderConfirmed, 'OrderConfirmed:mine-1', confirmation));
    tally.count(shipped('1'));
    tally.count(shipped('1'));
    expect(tally.shipped.size).toBe(2);
    expect(tally.shippedValue).toBe(400);
    expect([...tally.splitOrders]).toEqual(['mine-1']);
  });

  it('counts what operators were told by its reason, and who waits, once each', () => {
    const tally = new Tally(onlyMine);
    for (let time = 0; time < 2; time++) {
      const reason = 'shipment-failed';
      tally.count(
        announced(operatorNotice, 'n1', { ...operatorNotice.example, orderId: 'mine-1', reason }),
      );
      tally.count(record('OrderBackOrdered', { headers: event('OrderBackOrdered:mine-1') }));
    }
    expect([...tally.notices.values()]).toEqual(['shipment-failed']);
    expect([...tally.backOrdered.values()]).toEqual(['mine-1']);
  });

  it('knows why an order was rejected: for what it was refused as a whole, else for its first line', () => {
    const tally = new Tally(onlyMine);
    const rejected = (id: string, change: Partial<z.output<typeof orderRejected.schema>>) =>
      tally.count(
        announced(orderRejected, id, { ...orderRejected.example, orderId: 'mine-1', ...change }),
      );
    rejected('OrderRejected:mine-1', {});
    rejected('OrderRejected:mine-2', { cause: 'PaymentDeclined', reasons: [] });
    rejected('OrderRejected:mine-2', { cause: 'PaymentDeclined', reasons: [] });
    expect([...tally.rejections.values()]).toEqual(['ShortStock', 'PaymentDeclined']);
  });

  it('tells messages of partners that were refused from orders that were', () => {
    const tally = new Tally(onlyMine);
    const lie = record('OrderPickedAndPacked', { headers: { ...mine, ...event('a') } });
    tally.count(asDeadLetter(lie, 'OrderUnknown'));
    tally.count(asDeadLetter(lie, 'OrderUnknown'));
    expect([...tally.refusedNews.values()]).toEqual(['OrderUnknown']);
    expect(tally.deadLetters.size).toBe(0);
  });

  it('leaves out what others sent', () => {
    const tally = new Tally(onlyMine);
    const theirs = { [runHeader]: 'theirs-' };
    tally.count(record('OrderReceived', { headers: { ...theirs, ...event('a') } }));
    tally.count(asDeadLetter(record('OrderReceived', { headers: theirs }), 'NotJson'));
    tally.count(record('OrderConfirmed', { key: 'theirs-1', headers: event('x') }));
    tally.count(kpi('OrderLatency', 'l', 'order-theirs-1'));
    const { received, deadLetters, confirmed, decided } = tally;
    expect([received, deadLetters, confirmed, decided].map(({ size }) => size)).toEqual([
      0, 0, 0, 0,
    ]);
  });

  it('passes over what is no KPI event', () => {
    const tally = new Tally(onlyMine);
    tally.count(record('OrderLatency', { headers: event('x'), value: 'no JSON' }));
    tally.count(record('InventoryErrors', { headers: event('x'), value: '{}' }));
    expect(tally.decided.size).toBe(0);
  });
});
