import { setTimeout as sleep } from 'node:timers/promises';
import { Partitioners } from 'kafkajs';
import type { IncomingRecord } from '../../src/kafka/record';
import { gate, numbers, offsetsOf, produce, TestGroup } from '../support/consumers';
import { createTopic, testKafka, unique } from '../support/kafka';
import { apiKeys, KafkaProxy } from '../support/kafkaProxy';
import { waitFor } from '../support/waitFor';

let proxy: KafkaProxy;
let group: TestGroup;

beforeEach(async () => {
  proxy = await KafkaProxy.start();
  group = new TestGroup();
});

afterEach(async () => {
  proxy.refusing = false;
  await group.stop();
  await proxy.close();
});

describe('consumer', () => {
  test('commits the offset after the last record when all are done', async () => {
    const topic = await createTopic(2);
    await produce(topic, 2, 30);
    const seen: IncomingRecord[] = [];
    const consumption = await group.consume(topic, async record => void seen.push(record));
    await group.committed(topic, [30, 30]);
    expect(seen).toHaveLength(60);
    expect(await consumption.lag()).toEqual([
      { topic, partition: 0, records: 0 },
      { topic, partition: 1, records: 0 },
    ]);
  });

  test('a record under way holds the committed offset back, although later ones are done', async () => {
    const topic = await createTopic(1);
    await produce(topic, 1, 20);
    const held = gate();
    const done: IncomingRecord[] = [];
    const consumption = await group.consume(topic, async record => {
      if (record.offset === '5') await held.opened;
      done.push(record);
    });
    await waitFor(() => done.length === 19);
    await group.committed(topic, [5]);
    expect(consumption.inFlight).toBe(1);
    expect(await consumption.lag()).toEqual([{ topic, partition: 0, records: 15 }]);
    held.open();
    await group.committed(topic, [20]);
  });

  test('tries a record that fails again until it succeeds, and pauses its partition alone', async () => {
    const topic = await createTopic(2);
    await produce(topic, 2, 30);
    const seen: IncomingRecord[] = [];
    let attempts = 0;
    let isAway = true;
    const consumption = await group.consume(topic, async record => {
      if (record.partition === 0 && record.offset === '3' && isAway) {
        attempts++;
        throw new Error('away');
      }
      seen.push(record);
    });
    await group.committed(topic, [3, 30]);
    await produce(topic, 2, 10, 30);
    await group.committed(topic, [3, 40]);
    await waitFor(() => attempts >= 3);
    const later = seen.filter(({ partition, offset }) => partition === 0 && Number(offset) >= 30);
    expect(later).toEqual([]);
    expect(consumption.inFlight).toBe(1);
    isAway = false;
    await group.committed(topic, [40, 40]);
    expect(new Set(offsetsOf(seen.filter(({ partition }) => partition === 0)))).toEqual(
      new Set(numbers(40)),
    );
  });

  test('commits what was answered with one promise when that resolves, none of it before', async () => {
    const topic = await createTopic(1);
    await produce(topic, 1, 20);
    const held = gate();
    const seen: IncomingRecord[] = [];
    const consumption = await group.consume(topic, record => {
      seen.push(record);
      return Number(record.offset) < 5 ? Promise.resolve() : held.opened;
    });
    await group.committed(topic, [5]);
    expect(seen).toHaveLength(20);
    expect(consumption.inFlight).toBe(15);
    held.open();
    await group.committed(topic, [20]);
    expect(consumption.inFlight).toBe(0);
  });

  test('reads records again whose one promise was rejected', async () => {
    const topic = await createTopic(1);
    await produce(topic, 1, 20);
    const seen: number[] = [];
    const away = Promise.reject(new Error('away'));
    away.catch(() => {});
    let isAway = true;
    const consumption = await group.consume(topic, ({ offset }) => {
      seen.push(Number(offset));
      return isAway && Number(offset) >= 5 ? away : Promise.resolve();
    });
    await waitFor(() => seen.filter(offset => offset === 7).length === 2);
    expect(await group.committedNow(topic)).toEqual([5]);
    isAway = false;
    await group.committed(topic, [20]);
    expect(consumption.inFlight).toBe(0);
  });

  test('does not ask the broker for a partition while it is paused', async () => {
    const topic = await createTopic(1);
    await produce(topic, 1, 1);
    let attempts = 0;
    let isAway = true;
    const onRecord = async () => {
      attempts++;
      if (isAway) throw new Error('away');
    };
    await group.consume(topic, onRecord, {}, testKafka(proxy.route));
    await waitFor(() => attempts === 1);
    await produce(topic, 1, 5, 1);
    await waitFor(() => attempts === 4);
    const before = proxy.count(apiKeys.fetch);
    await waitFor(() => attempts === 5);
    expect(proxy.count(apiKeys.fetch)).toBe(before);
    isAway = false;
    await group.committed(topic, [6]);
  });

  test('never has more handlers under way than asked, those tried again among them', async () => {
    const topic = await createTopic(4);
    await produce(topic, 4, 50);
    let underWay = 0;
    let most = 0;
    const failedOnce = new Set<string>();
    const onRecord = async ({ partition, offset }: IncomingRecord) => {
      most = Math.max(most, ++underWay);
      await sleep(1);
      underWay--;
      const name = `${partition}-${offset}`;
      if (Number(offset) % 10 > 0 || failedOnce.has(name)) return;
      failedOnce.add(name);
      throw new Error('not now');
    };
    await group.consume(topic, onRecord, { maxInFlight: 7 });
    await group.committed(topic, [50, 50, 50, 50]);
    expect(failedOnce.size).toBe(20);
    expect(most).toBe(7);
  });

  // kafkajs hazard 3: a broker is fetched from again only when all its batches have been handled.
  test('hazard 3: fetches other partitions while handlers of one are under way', async () => {
    const topic = await createTopic(2);
    const held = gate();
    const seen: IncomingRecord[] = [];
    await produce(topic, 2, 5);
    await group.consume(topic, async record => {
      if (record.partition === 0) await held.opened;
      seen.push(record);
    });
    await group.committed(topic, [-1, 5]);
    await produce(topic, 2, 5, 5);
    await group.committed(topic, [-1, 10]);
    held.open();
    await group.committed(topic, [10, 10]);
    expect(seen).toHaveLength(20);
  });

  // kafkajs hazard 4: heartbeats are sent between batches only, and without them the group takes the
  // partitions away.
  test('hazard 4: sends heartbeats while it waits for room', async () => {
    const topic = await createTopic(1);
    await produce(topic, 1, 10);
    const held = gate();
    const seen: IncomingRecord[] = [];
    const consumption = await group.consume(
      topic,
      async record => {
        seen.push(record);
        await held.opened;
      },
      { maxInFlight: 2 },
      testKafka(proxy.route),
    );
    await waitFor(() => seen.length === 2);
    const before = proxy.count(apiKeys.heartbeat);
    await waitFor(() => proxy.count(apiKeys.heartbeat) >= before + 2);
    expect(consumption.joined).toBe(true);
    expect(offsetsOf(seen)).toEqual([0, 1]);
    held.open();
    await group.committed(topic, [10]);
  });

  test('commits past the markers of transactions, committed and aborted', async () => {
    const topic = await createTopic(1);
    const producer = testKafka().producer({
      transactionalId: unique('transaction'),
      maxInFlightRequests: 1,
      idempotent: true,
      createPartitioner: Partitioners.DefaultPartitioner,
    });
    await producer.connect();
    const seen: IncomingRecord[] = [];
    await group.consume(topic, async record => void seen.push(record));
    for (const end of ['abort', 'commit', 'abort'] as const) {
      const transaction = await producer.transaction();
      await transaction.send({ topic, messages: [{ value: end }, { value: end }] });
      await transaction[end]();
    }
    await producer.disconnect();
    // Two records and a marker each: offsets 0 to 8.
    await group.committed(topic, [9]);
    expect(seen.map(({ offset, value }) => `${offset} ${value}`)).toEqual(['3 commit', '4 commit']);
  });
});
