import { consume } from '../../src/kafka/consumer';
import { deadLetter, largestDeadLetter, publishDeadLetter } from '../../src/kafka/deadLetter';
import { createPublisher } from '../../src/kafka/publisher';
import type { IncomingRecord, OutgoingRecord } from '../../src/kafka/record';
import { createTopic, quiet, readTopic, testKafka, unique } from '../support/kafka';
import { waitFor } from '../support/waitFor';

const reason = { code: 'NotJson', message: 'The message is not JSON:\n  unexpected  end\n' };
const record: IncomingRecord = {
  topic: 'OrderReceived',
  partition: 4,
  offset: '9007199254740993',
  key: Buffer.from([0xff, 0x00]),
  value: Buffer.from([0xc3, 0x28]),
  headers: { traceparent: Buffer.from('00-ab-cd-01'), constructor: Buffer.from([0xfe]) },
  timestamp: 1_700_000_000_123,
};

describe('deadLetter', () => {
  test("keeps key, value and headers, and says where it came from and why in Spring's headers", () => {
    expect(deadLetter(record, 'orderly-intake', reason)).toEqual({
      topic: 'DeadLetterQueue',
      key: record.key,
      value: record.value,
      headers: {
        ...record.headers,
        'kafka_dlt-original-topic': 'OrderReceived',
        'kafka_dlt-original-partition': '4',
        'kafka_dlt-original-offset': '9007199254740993',
        'kafka_dlt-original-timestamp': '1700000000123',
        'kafka_dlt-original-consumer-group': 'orderly-intake',
        'kafka_dlt-exception-fqcn': 'NotJson',
        'kafka_dlt-exception-message': 'The message is not JSON: unexpected end',
      },
    });
  });

  test('leaves a record without a key without one, and names its partition', () => {
    const letter = deadLetter({ ...record, key: null }, 'group', reason);
    expect(letter).toMatchObject({ key: null, partition: 0 });
  });

  test('bounds the message', () => {
    const letter = deadLetter(record, 'group', { code: 'NotJson', message: 'x'.repeat(5_000) });
    expect(letter.headers?.['kafka_dlt-exception-message']).toHaveLength(1_000);
  });

  test.each([
    ['with a key', Buffer.from('k')],
    ['without a key', null],
  ])('arrives on a broker byte for byte, %s', async (_, key) => {
    const topic = await createTopic(2);
    const publisher = await createPublisher(testKafka(), { logger: quiet });
    await publisher.publish({ ...deadLetter({ ...record, key }, 'group', reason), topic });
    await publisher.stop();
    const [message] = (await readTopic(topic)).flat();
    expect(message).toMatchObject({ key, value: record.value });
    expect(message?.headers?.traceparent).toEqual(record.headers.traceparent);
    expect(String(message?.headers?.['kafka_dlt-exception-fqcn'])).toBe('NotJson');
  });

  test('the largest record of another topic still fits, with its headers', async () => {
    const source = await createTopic(1, { 'max.message.bytes': String(1024 * 1024) });
    const letters = await createTopic(1, { 'max.message.bytes': String(4 * 1024 * 1024) });
    const publisher = await createPublisher(testKafka(), { logger: quiet });
    await publisher.publish({ topic: source, key: 'k', value: Buffer.alloc(1_048_000) });
    const group = unique('group');
    let outcome: Promise<unknown> | undefined;
    const consumption = await consume(testKafka(), {
      group,
      topics: [source],
      maxInFlight: 1,
      logger: quiet,
      onRecord: async read => {
        const headers = { ...read.headers, long: Buffer.alloc(100_000) };
        const letter = deadLetter({ ...read, headers }, group, reason);
        outcome = publisher.publish({ ...letter, topic: letters });
      },
    });
    const published = await waitFor(() => outcome);
    await consumption.stop();
    await publisher.stop();
    expect(published).toMatchObject({ partition: 0, offset: '0' });
  });
});

describe('publishDeadLetter', () => {
  /** What a broker has of the letter, on a topic that takes records of so many bytes. */
  async function arrived(read: IncomingRecord, mostBytes: number) {
    const topic = await createTopic(1, { 'max.message.bytes': String(mostBytes) });
    const publisher = await createPublisher(testKafka(), { logger: quiet });
    const toTopic = (letter: OutgoingRecord) => publisher.publish({ ...letter, topic });
    try {
      await publishDeadLetter({ publish: toTopic }, read, 'group', reason);
    } finally {
      await publisher.stop();
    }
    const messages = (await readTopic(topic)).flat();
    expect(messages).toHaveLength(1);
    return messages[0]!;
  }

  test('leaves what the queue takes as it is', async () => {
    const message = await arrived(record, 100_000);
    expect(message).toMatchObject({ key: record.key, value: record.value });
    expect(message.headers).not.toHaveProperty('orderly_dlt-cut-short');
  });

  test('cuts short what the queue does not take, and says how large it was', async () => {
    const headers = { large: Buffer.alloc(100_000), ...record.headers };
    const key = Buffer.alloc(5_000, 'k');
    const value = Buffer.alloc(300_000, 'v');
    const message = await arrived({ ...record, key, value, headers }, 100_000);
    expect(message).toMatchObject({
      key: key.subarray(0, 1_024),
      value: value.subarray(0, 32_768),
    });
    const text = (name: string) => String(message.headers?.[name]);
    expect(message.headers).not.toHaveProperty('large');
    expect(text('traceparent')).toBe(String(record.headers.traceparent));
    expect(text('kafka_dlt-original-offset')).toBe(record.offset);
    expect(text('kafka_dlt-exception-fqcn')).toBe('NotJson');
    expect(text('orderly_dlt-cut-short')).toBe('key 5000, value 300000, headers 100039 bytes');
  });

  test('does not even send what is larger than any queue takes', async () => {
    const sent: OutgoingRecord[] = [];
    const publish = async (letter: OutgoingRecord) => {
      sent.push(letter);
      return { partition: 0, offset: '0' };
    };
    const large = { ...record, key: null, value: Buffer.alloc(largestDeadLetter) };
    await publishDeadLetter({ publish }, large, 'group', reason);
    expect(sent).toMatchObject([{ key: null, partition: 0, value: Buffer.alloc(32_768) }]);
  });

  test('passes on why a letter is refused otherwise', async () => {
    const refusal = new Error('no');
    const publish = jest.fn(() => Promise.reject(refusal));
    await expect(publishDeadLetter({ publish }, record, 'group', reason)).rejects.toBe(refusal);
    expect(publish).toHaveBeenCalledTimes(1);
  });
});
