import type { z } from 'zod';
import { replenishedProduct } from '../../../src/cli/demo/products';
import { newsIn } from '../../../src/cli/demo/staff';
import { encode } from '../../../src/kafka/cloudEvents';
import type { IncomingRecord } from '../../../src/kafka/record';
import type { TopicMessage } from '../../../src/messages/message';
import { operatorNotice } from '../../../src/messages/operatorNotice';
import { orderBackOrdered } from '../../../src/messages/orderBackOrdered';

function record<Schema extends z.ZodType>(
  { type, topic }: TopicMessage<Schema>,
  data: z.output<Schema>,
): IncomingRecord {
  const { key, value, headers } = encode({ type, id: 'x', key: 'k', data });
  return {
    topic,
    partition: 0,
    offset: '0',
    timestamp: 0,
    key: Buffer.from(String(key)),
    value: Buffer.from(String(value)),
    headers: Object.fromEntries(
      Object.entries(headers ?? {}).map(([name, text]) => [name, Buffer.from(text)]),
    ),
  };
}

const notice = (orderId: string, reason: 'approval-needed' | 'approval-reminder' | 'money-held') =>
  newsIn(record(operatorNotice, { ...operatorNotice.example, orderId, reason }));

const backOrder = (...productCodes: string[]) =>
  newsIn(record(orderBackOrdered, { ...orderBackOrdered.example, orderId: 'A-1', productCodes }));

describe('the staff of the demonstration', () => {
  it('decides what a demonstration has sent, and looks again when reminded', () => {
    expect(notice('demo-x-1', 'approval-needed')).toMatchObject({ orderId: 'demo-x-1' });
    expect(notice('demo-x-1', 'approval-reminder')).toMatchObject({ orderId: 'demo-x-1' });
    expect(notice('demo-x-1', 'money-held')).toBeUndefined();
  });

  it('leaves the orders of others to them', () => {
    expect(notice('A-1001', 'approval-needed')).toBeUndefined();
  });

  it('buys the one product that comes in, whoever waits for it', () => {
    expect(backOrder('TEA-100', replenishedProduct.productCode)).toMatchObject({ kind: 'short' });
    expect(backOrder('TEA-100')).toBeUndefined();
  });
});
