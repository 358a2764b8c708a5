import { messages, topicOf, topics } from '../../src/messages';
import { kpiTopic } from '../../src/messages/kpiEvent';
import { orderReceived } from '../../src/messages/orderReceived';

describe('every message', () => {
  it.each(messages)('$type has an example that is its own parsed form', message => {
    expect(message.schema.parse(message.example)).toEqual(message.example);
  });

  it('has a type of its own', () => {
    expect(new Set(messages.map(({ type }) => type)).size).toBe(messages.length);
  });
});

describe('topics', () => {
  it('are named as the business says them', () => {
    expect([...topics].sort()).toEqual([
      'DeadLetterQueue',
      'KpiHeartbeat',
      'Notification',
      'OperatorNotice',
      'OrderBackOrdered',
      'OrderCancelled',
      'OrderConfirmed',
      'OrderPickedAndPacked',
      'OrderReceived',
      'OrderRejected',
      'OrderShipped',
      'ShipmentDispatched',
      'StockReplenished',
    ]);
  });

  it('of a message follow from its type', () => {
    expect(topicOf('OrderConfirmed')).toBe('OrderConfirmed');
  });

  it('of an unknown type are a mistake of the caller', () => {
    expect(() => topicOf('OrderEaten')).toThrow('no message of type OrderEaten is defined');
  });

  it.each([
    ['inventory-errors', 'InventoryErrors'],
    ['order-latency', 'OrderLatency'],
    ['p95-latency', 'P95Latency'],
    ['latency-95', 'Latency95'],
  ])('of the KPI %s is %s', (name, topic) => {
    expect(kpiTopic(name)).toBe(topic);
  });

  it('take an order by its id', () => {
    expect(orderReceived.key(orderReceived.example)).toBe(orderReceived.example.orderId);
  });
});
