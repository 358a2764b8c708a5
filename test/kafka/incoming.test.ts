import fc from 'fast-check';
import { Partitioners } from 'kafkajs';
import { consume } from '../../src/kafka/consumer';
import { toHeaders } from '../../src/kafka/incoming';
import { headerText, type IncomingRecord } from '../../src/kafka/record';
import { createTopic, quiet, testKafka, unique } from '../support/kafka';
import { waitFor } from '../support/waitFor';

describe('headers of an incoming record', () => {
  test('are bytes, the last one where a name is repeated, none where there is no value', () => {
    const headers = toHeaders({ a: 'ä', b: ['1', Buffer.from('2')], c: undefined, d: [] });
    expect({ ...headers }).toEqual({ a: Buffer.from('ä'), b: Buffer.from('2') });
    expect(headerText(headers, 'a')).toBe('ä');
    expect(headerText(headers, 'c')).toBeUndefined();
    expect(headerText(headers, 'toString')).toBeUndefined();
  });

  test('survive any name and any bytes', () => {
    const name = fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'toString'));
    fc.assert(
      fc.property(name, fc.uint8Array(), (key, bytes) => {
        const given = Object.fromEntries([[key, Buffer.from(bytes)]]);
        expect(Object.entries(toHeaders(given))).toEqual([[key, Buffer.from(bytes)]]);
      }),
    );
  });

  test('come through a broker, whatever their names', async () => {
    const topic = await createTopic(1);
    const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', '', 'ce_id', '💥'];
    const headers = Object.fromEntries(names.map(name => [name, Buffer.from([0xff, 0xfe])]));
    const producer = testKafka().producer({ createPartitioner: Partitioners.DefaultPartitioner });
    await producer.connect();
    await producer.send({ topic, messages: [{ value: 'poison', headers }] });
    await producer.disconnect();
    const seen: IncomingRecord[] = [];
    const consumption = await consume(testKafka(), {
      group: unique('group'),
      topics: [topic],
      maxInFlight: 1,
      logger: quiet,
      onRecord: async record => void seen.push(record),
    });
    await waitFor(() => seen.length === 1);
    await consumption.stop();
    expect(Object.keys(seen[0]!.headers).sort()).toEqual([...names].sort());
    for (const name of names) expect(seen[0]!.headers[name]).toEqual(Buffer.from([0xff, 0xfe]));
  });
});
