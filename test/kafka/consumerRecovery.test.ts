import { setTimeout as sleep } from 'node:timers/promises';
import type { IncomingRecord } from '../../src/kafka/record';
import { consumerSettings } from '../../src/kafka/session';
import { gate, numbers, offsetsOf, produce, TestGroup } from '../support/consumers';
import { createTopic, listeningLogger, testKafka, unique } from '../support/kafka';
import { KafkaProxy } from '../support/kafkaProxy';
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

describe('consumer, when members and brokers come and go', () => {
  test('what was not done when a process is cut off is delivered to another', async () => {
    const topic = await createTopic(1);
    await produce(topic, 1, 20);
    const held = gate();
    const first: IncomingRecord[] = [];
    const behindProxy = testKafka(proxy.route);
    await group.consume(
      topic,
      async record => {
        if (record.offset === '5') await held.opened;
        first.push(record);
      },
      {},
      behindProxy,
    );
    await waitFor(() => first.length === 19);
    await group.committed(topic, [5]);
    proxy.refusing = true;
    proxy.cut();
    held.open();
    const second: IncomingRecord[] = [];
    await group.consume(topic, async record => void second.push(record));
    await group.committed(topic, [20]);
    expect(offsetsOf(second)).toEqual(numbers(15).map(i => i + 5));
  });

  // kafkajs hazard 1: each connection runs a timer of 1 ms, for as long as it lives.
  test('hazard 1: leaves no timer behind when it has stopped', async () => {
    const topic = await createTopic(1);
    const timers = () => process.getActiveResourcesInfo().filter(name => name === 'Timeout').length;
    const before = timers();
    const consumption = await group.consume(topic, async () => {});
    expect(timers()).toBeGreaterThan(before);
    await consumption.stop();
    await waitFor(() => timers() <= before);
  });

  // kafkajs hazard 5: a rebalance takes partitions away without a call beforehand, and sets positions
  // back to what is committed.
  test('hazard 5: commits nothing unfinished while members come and go under load', async () => {
    const [partitions, total] = [4, 300];
    const topic = await createTopic(partitions);
    await produce(topic, partitions, total);
    const done = numbers(partitions).map(() => new Set<number>());
    const shared = gate();
    const seenBy = { first: 0, second: 0 };
    const handle = (name: keyof typeof seenBy) => async (record: IncomingRecord) => {
      seenBy[name]++;
      if (seenBy.second > 0) shared.open();
      if (seenBy.first > 200) await shared.opened;
      await sleep(Number(record.offset) % 17 === 0 ? 60 : 5);
      done[record.partition]!.add(Number(record.offset));
    };
    const unfinished: string[] = [];
    const check = async () => {
      const offsets = await group.committedNow(topic);
      for (const [partition, offset] of offsets.entries()) {
        for (let i = 0; i < offset; i++) {
          if (!done[partition]!.has(i)) unfinished.push(`${partition}-${i}`);
        }
      }
      return offsets.every(offset => offset === total);
    };
    const first = await group.consume(topic, handle('first'), { maxInFlight: 10 });
    await waitFor(() => seenBy.first > 200);
    await check();
    const second = await group.consume(topic, handle('second'), { maxInFlight: 10 });
    await waitFor(async () => (await check()) || seenBy.second >= 100);
    expect(seenBy.second).toBeGreaterThanOrEqual(100);
    await first.stop();
    await waitFor(check);
    expect(unfinished).toEqual([]);
    expect(done.map(offsets => offsets.size)).toEqual(numbers(partitions).map(() => total));
    expect(second.joined).toBe(true);
  });

  test('hazard 6: asks the broker to answer a fetch soon, because stopping waits for it', () => {
    expect(consumerSettings.maxWaitTimeInMs).toBeLessThanOrEqual(250);
  });

  test('a partition that was paused, given away and given back is read on', async () => {
    const topic = await createTopic(2);
    await produce(topic, 2, 5);
    let isAway = true;
    let attempts = 0;
    const onRecord = async () => {
      attempts++;
      if (isAway) throw new Error('away');
    };
    await group.consume(topic, onRecord);
    await waitFor(() => attempts >= 10);
    const other = await group.consume(topic, onRecord);
    const before = attempts;
    await waitFor(() => attempts > before + 10);
    await other.stop();
    isAway = false;
    await group.committed(topic, [5, 5]);
    await produce(topic, 2, 5, 5);
    await group.committed(topic, [10, 10]);
  });

  test('lets handlers finish and commits what they did when it stops', async () => {
    const topic = await createTopic(2);
    await produce(topic, 2, 100);
    const held = gate();
    let started = 0;
    let ended = 0;
    const consumption = await group.consume(
      topic,
      async () => {
        started++;
        await held.opened;
        ended++;
      },
      { maxInFlight: 30 },
    );
    await waitFor(() => started === 30);
    const stopped = consumption.stop();
    held.open();
    await stopped;
    expect({ started, ended }).toEqual({ started: 30, ended: 30 });
    const offsets = await group.committedNow(topic);
    expect(offsets.reduce((sum, offset) => sum + Math.max(offset, 0), 0)).toBe(30);
  });

  test('stops although a handler never ends, and leaves its record to others', async () => {
    const topic = await createTopic(1);
    await produce(topic, 1, 10);
    const held = gate();
    let started = 0;
    const consumption = await group.consume(
      topic,
      async record => {
        started++;
        if (record.offset === '4') await held.opened;
      },
      { drainMs: 50 },
    );
    await waitFor(() => started === 10);
    await consumption.stop();
    held.open();
    expect(await group.committedNow(topic)).toEqual([4]);
  });

  test('joins again after the client has crashed', async () => {
    const topic = await createTopic(1);
    const { logger, lines } = listeningLogger();
    const seen: IncomingRecord[] = [];
    const onRecord = async (record: IncomingRecord) => void seen.push(record);
    const consumption = await group.consume(topic, onRecord, { logger }, testKafka(proxy.route));
    await produce(topic, 1, 3);
    await group.committed(topic, [3]);
    proxy.refusing = true;
    proxy.cut();
    await waitFor(() => lines.filter(line => line.includes('the consumer crashed')).length >= 2);
    expect(consumption.joined).toBe(false);
    proxy.refusing = false;
    await produce(topic, 1, 3, 3);
    await group.committed(topic, [6]);
    expect(consumption.joined).toBe(true);
    expect(new Set(offsetsOf(seen))).toEqual(new Set(numbers(6)));
  });

  test('refuses a topic that does not exist, and a broker that does not answer', async () => {
    const nothing = async () => {};
    await expect(group.consume(unique('missing'), nothing)).rejects.toMatchObject({
      code: 'TopicUnknown',
    });
    proxy.refusing = true;
    const kafka = testKafka({ ...proxy.route, retry: { retries: 1, initialRetryTime: 20 } });
    await expect(group.consume('any', nothing, {}, kafka)).rejects.toMatchObject({
      code: 'KafkaUnavailable',
    });
  });
});
