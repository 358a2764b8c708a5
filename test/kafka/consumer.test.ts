import { setTimeout as sleep } from 'node:timers/promises';
import { Partitioners } from 'kafkajs';
import { type ConsumeOptions, type Consumption, consume } from '../../src/kafka/consumer';
import type { IncomingRecord } from '../../src/kafka/record';
import { consumerSettings } from '../../src/kafka/session';
import {
  committedOffsets,
  createTopic,
  listeningLogger,
  quiet,
  testKafka,
  unique,
} from '../support/kafka';
import { apiKeys, KafkaProxy } from '../support/kafkaProxy';
import { waitFor } from '../support/waitFor';

const running: Consumption[] = [];
let proxy: KafkaProxy;
let group: string;

beforeEach(async () => {
  proxy = await KafkaProxy.start();
  group = unique('group');
});

afterEach(async () => {
  proxy.refusing = false;
  await Promise.all(running.splice(0).map(consumption => consumption.stop()));
  await proxy.close();
});

/** A consumer in a client of its own, as in a process of its own. */
async function consuming(
  topic: string,
  onRecord: (record: IncomingRecord) => Promise<void>,
  options: Partial<ConsumeOptions> = {},
  kafka = testKafka(),
): Promise<Consumption> {
  const consumption = await consume(kafka, {
    group,
    topics: [topic],
    onRecord,
    maxInFlight: 50,
    logger: quiet,
    drainMs: 5_000,
    ...options,
  });
  running.push(consumption);
  return consumption;
}

/** Writes the numbers from `from` on, `perPartition` to each partition, by the client alone. */
async function produce(topic: string, partitions: number, perPartition: number, from = 0) {
  const producer = testKafka().producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  const messages = numbers(perPartition).flatMap(i =>
    numbers(partitions).map(partition => ({ partition, value: `${from + i}` })),
  );
  await producer.send({ topic, messages });
  await producer.disconnect();
}

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);
const offsetsOf = (records: readonly IncomingRecord[]) =>
  records.map(({ offset }) => Number(offset));

/** Handlers wait at it until it is opened. */
function gate() {
  let open = () => {};
  const opened = new Promise<void>(resolve => {
    open = resolve;
  });
  return { opened, open };
}

const committed = (topic: string, expected: readonly number[]) =>
  waitFor(async () => {
    const offsets = await committedOffsets(group, topic);
    return expected.every((offset, partition) => offsets[partition] === offset);
  }, `${expected} to be committed`);

describe('consumer', () => {
  test('commits the offset after the last record when all are done', async () => {
    const topic = await createTopic(2);
    await produce(topic, 2, 30);
    const seen: IncomingRecord[] = [];
    const consumption = await consuming(topic, async record => void seen.push(record));
    await committed(topic, [30, 30]);
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
    const consumption = await consuming(topic, async record => {
      if (record.offset === '5') await held.opened;
      done.push(record);
    });
    await waitFor(() => done.length === 19);
    await committed(topic, [5]);
    expect(consumption.inFlight).toBe(1);
    expect(await consumption.lag()).toEqual([{ topic, partition: 0, records: 15 }]);
    held.open();
    await committed(topic, [20]);
  });

  test('what was not done when a process is cut off is delivered to another', async () => {
    const topic = await createTopic(1);
    await produce(topic, 1, 20);
    const held = gate();
    const first: IncomingRecord[] = [];
    const behindProxy = testKafka(proxy.route);
    await consuming(
      topic,
      async record => {
        if (record.offset === '5') await held.opened;
        first.push(record);
      },
      {},
      behindProxy,
    );
    await waitFor(() => first.length === 19);
    await committed(topic, [5]);
    proxy.refusing = true;
    proxy.cut();
    held.open();
    const second: IncomingRecord[] = [];
    await consuming(topic, async record => void second.push(record));
    await committed(topic, [20]);
    expect(offsetsOf(second)).toEqual(numbers(15).map(i => i + 5));
  });

  test('tries a record that fails again until it succeeds, and pauses its partition alone', async () => {
    const topic = await createTopic(2);
    await produce(topic, 2, 30);
    const seen: IncomingRecord[] = [];
    let attempts = 0;
    let isAway = true;
    const consumption = await consuming(topic, async record => {
      if (record.partition === 0 && record.offset === '3' && isAway) {
        attempts++;
        throw new Error('away');
      }
      seen.push(record);
    });
    await committed(topic, [3, 30]);
    await produce(topic, 2, 10, 30);
    await committed(topic, [3, 40]);
    await waitFor(() => attempts >= 3);
    const later = seen.filter(({ partition, offset }) => partition === 0 && Number(offset) >= 30);
    expect(later).toEqual([]);
    expect(consumption.inFlight).toBe(1);
    isAway = false;
    await committed(topic, [40, 40]);
    expect(new Set(offsetsOf(seen.filter(({ partition }) => partition === 0)))).toEqual(
      new Set(numbers(40)),
    );
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
    await consuming(topic, onRecord, {}, testKafka(proxy.route));
    await waitFor(() => attempts === 1);
    await produce(topic, 1, 5, 1);
    await waitFor(() => attempts === 4);
    const before = proxy.count(apiKeys.fetch);
    await waitFor(() => attempts === 5);
    expect(proxy.count(apiKeys.fetch)).toBe(before);
    isAway = false;
    await committed(topic, [6]);
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
    await consuming(topic, onRecord, { maxInFlight: 7 });
    await committed(topic, [50, 50, 50, 50]);
    expect(failedOnce.size).toBe(20);
    expect(most).toBe(7);
  });

  // kafkajs hazard 1: each connection runs a timer of 1 ms, for as long as it lives.
  test('hazard 1: leaves no timer behind when it has stopped', async () => {
    const topic = await createTopic(1);
    const timers = () => process.getActiveResourcesInfo().filter(name => name === 'Timeout').length;
    const before = timers();
    const consumption = await consuming(topic, async () => {});
    expect(timers()).toBeGreaterThan(before);
    await consumption.stop();
    await waitFor(() => timers() <= before);
  });

  // kafkajs hazard 3: a broker is fetched from again only when all its batches have been handled.
  test('hazard 3: fetches other partitions while handlers of one are under way', async () => {
    const topic = await createTopic(2);
    const held = gate();
    const seen: IncomingRecord[] = [];
    await produce(topic, 2, 5);
    await consuming(topic, async record => {
      if (record.partition === 0) await held.opened;
      seen.push(record);
    });
    await committed(topic, [-1, 5]);
    await produce(topic, 2, 5, 5);
    await committed(topic, [-1, 10]);
    held.open();
    await committed(topic, [10, 10]);
    expect(seen).toHaveLength(20);
  });

  // kafkajs hazard 4: heartbeats are sent between batches only, and without them the group takes the
  // partitions away.
  test('hazard 4: sends heartbeats while it waits for room', async () => {
    const topic = await createTopic(1);
    await produce(topic, 1, 10);
    const held = gate();
    const seen: IncomingRecord[] = [];
    const consumption = await consuming(
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
    await committed(topic, [10]);
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
      const offsets = await committedOffsets(group, topic);
      for (const [partition, offset] of offsets.entries()) {
        for (let i = 0; i < offset; i++) {
          if (!done[partition]!.has(i)) unfinished.push(`${partition}-${i}`);
        }
      }
      return offsets.every(offset => offset === total);
    };
    const first = await consuming(topic, handle('first'), { maxInFlight: 10 });
    await waitFor(() => seenBy.first > 200);
    await check();
    const second = await consuming(topic, handle('second'), { maxInFlight: 10 });
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
    await consuming(topic, onRecord);
    await waitFor(() => attempts >= 10);
    const other = await consuming(topic, onRecord);
    const before = attempts;
    await waitFor(() => attempts > before + 10);
    await other.stop();
    isAway = false;
    await committed(topic, [5, 5]);
    await produce(topic, 2, 5, 5);
    await committed(topic, [10, 10]);
  });

  test('lets handlers finish and commits what they did when it stops', async () => {
    const topic = await createTopic(2);
    await produce(topic, 2, 100);
    const held = gate();
    let started = 0;
    let ended = 0;
    const consumption = await consuming(
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
    const offsets = await committedOffsets(group, topic);
    expect(offsets.reduce((sum, offset) => sum + Math.max(offset, 0), 0)).toBe(30);
  });

  test('stops although a handler never ends, and leaves its record to others', async () => {
    const topic = await createTopic(1);
    await produce(topic, 1, 10);
    const held = gate();
    let started = 0;
    const consumption = await consuming(
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
    expect(await committedOffsets(group, topic)).toEqual([4]);
  });

  test('joins again after the client has crashed', async () => {
    const topic = await createTopic(1);
    const { logger, lines } = listeningLogger();
    const seen: IncomingRecord[] = [];
    const onRecord = async (record: IncomingRecord) => void seen.push(record);
    const consumption = await consuming(topic, onRecord, { logger }, testKafka(proxy.route));
    await produce(topic, 1, 3);
    await committed(topic, [3]);
    proxy.refusing = true;
    proxy.cut();
    await waitFor(() => lines.filter(line => line.includes('the consumer crashed')).length >= 2);
    expect(consumption.joined).toBe(false);
    proxy.refusing = false;
    await produce(topic, 1, 3, 3);
    await committed(topic, [6]);
    expect(consumption.joined).toBe(true);
    expect(new Set(offsetsOf(seen))).toEqual(new Set(numbers(6)));
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
    await consuming(topic, async record => void seen.push(record));
    for (const end of ['abort', 'commit', 'abort'] as const) {
      const transaction = await producer.transaction();
      await transaction.send({ topic, messages: [{ value: end }, { value: end }] });
      await transaction[end]();
    }
    await producer.disconnect();
    // Two records and a marker each: offsets 0 to 8.
    await committed(topic, [9]);
    expect(seen.map(({ offset, value }) => `${offset} ${value}`)).toEqual(['3 commit', '4 commit']);
  });

  test('refuses a topic that does not exist, and a broker that does not answer', async () => {
    const nothing = async () => {};
    await expect(consuming(unique('missing'), nothing)).rejects.toMatchObject({
      code: 'TopicUnknown',
    });
    proxy.refusing = true;
    const kafka = testKafka({ ...proxy.route, retry: { retries: 1, initialRetryTime: 20 } });
    await expect(consuming('any', nothing, {}, kafka)).rejects.toMatchObject({
      code: 'KafkaUnavailable',
    });
  });
});
