import fc from 'fast-check';
import type { Message } from 'kafkajs';
import type produce from 'kafkajs/src/protocol/requests/produce';
import type { ProduceArguments } from 'kafkajs/src/protocol/requests/produce';
import { writeRecordsDirectly } from '../../src/kafka/produceRequest';
import { anyContent, anyText } from '../support/arbitraryContent';

type Produce = typeof produce;
const load = (): Produce => require('kafkajs/src/protocol/requests/produce');

let own!: Produce;
jest.isolateModules(() => {
  own = load();
  // It loads what it needs when it is asked first.
  for (const version of [3, 7]) own.protocol({ version })({ acks: -1, timeout: 1, topicData: [] });
});
writeRecordsDirectly();
const direct = load();

const large = fc.integer({ min: 8_000, max: 9_000 }).map(size => Buffer.alloc(size, 'x'));
const message: fc.Arbitrary<Message> = fc.record({
  key: fc.option(anyContent),
  value: fc.option(fc.oneof(anyContent, { arbitrary: large, weight: 1 })),
  headers: fc.dictionary(anyText, fc.oneof(anyContent, fc.array(anyContent, { maxLength: 3 }))),
  // Of one length, since kafkajs compares them as texts.
  timestamp: fc.integer({ min: 1_000_000_000_000, max: 2_000_000_000_000 }).map(String),
});
const int32 = fc.integer({ min: 0, max: 2 ** 31 - 1 });
const topicData = fc.array(
  fc.record({
    topic: anyText,
    partitions: fc.array(
      fc.record({
        partition: int32,
        firstSequence: int32,
        messages: fc.array(message, { minLength: 1, maxLength: 5 }),
      }),
      { maxLength: 3 },
    ),
  }),
  { maxLength: 3 },
);
const request: fc.Arbitrary<ProduceArguments> = fc.record(
  {
    acks: fc.constantFrom(-1, 0, 1),
    timeout: int32,
    topicData,
    transactionalId: fc.option(anyText),
    producerId: fc.bigInt({ min: -1n, max: 2n ** 63n - 1n }).map(String),
    producerEpoch: fc.integer({ min: 0, max: 2 ** 15 - 1 }),
  },
  { requiredKeys: ['acks', 'timeout', 'topicData'] },
);

const written = async (by: Produce, version: number, args: ProduceArguments): Promise<Buffer> =>
  (await by.protocol({ version })(args).request.encode()).buffer;

describe('a request that publishes records', () => {
  it('is the same as kafkajs writes it, to the last byte', async () => {
    expect(own).not.toBe(direct);
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(3, 7), request, async (version, args) => {
        const [theirs, ours] = [
          await written(own, version, args),
          await written(direct, version, args),
        ];
        expect(ours.equals(theirs)).toBe(true);
      }),
    );
  });

  it('has the time of sending where a record has none', async () => {
    const messages = [{ value: 'x' }];
    const args = {
      acks: -1,
      timeout: 1,
      topicData: [{ topic: 't', partitions: [{ partition: 0, messages }] }],
    };
    jest.useFakeTimers({ now: 1_700_000_000_000 });
    try {
      expect(await written(direct, 7, args)).toEqual(await written(own, 7, args));
    } finally {
      jest.useRealTimers();
    }
  });

  it('is left to kafkajs where it is to be packed', async () => {
    const packed = { acks: -1, timeout: 1, compression: 1, topicData: [] };
    expect(await written(direct, 7, packed)).toEqual(await written(own, 7, packed));
    const messages = Array.from({ length: 50 }, () => ({
      value: 'again and again',
      timestamp: '1700000000000',
    }));
    const args = {
      ...packed,
      topicData: [{ topic: 't', partitions: [{ partition: 0, messages }] }],
    };
    const plain = await written(direct, 7, { ...args, compression: 0 });
    expect((await written(direct, 7, args)).length).toBeLessThan(plain.length / 4);
  });
});
