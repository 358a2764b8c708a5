import { Partitioners } from 'kafkajs';
import { consume } from '../../src/kafka/consumer';
import type { IncomingRecord } from '../../src/kafka/record';
import { createTopic, quiet, testKafka, unique } from '../support/kafka';
import { waitFor } from '../support/waitFor';

describe('headers of an incoming record', () => {
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
