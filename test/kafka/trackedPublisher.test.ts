import type { Answer } from '../../src/batcher';
import type { OutgoingRecord, Position } from '../../src/kafka/record';
import { TrackedPublisher } from '../../src/kafka/trackedPublisher';

const record = (topic: string): OutgoingRecord => ({ topic, key: 'o1', value: '{}' });

/** A publisher that answers when the test says so. */
function setUp() {
  const calls: Answer<Position>[] = [];
  const publisher = {
    offer: (_: OutgoingRecord, answer: Answer<Position>) => void calls.push(answer),
  };
  return { calls, tracked: new TrackedPublisher(publisher, new Set(['OrderLatency', 'Revenue'])) };
}

describe('a tracked publisher', () => {
  beforeEach(() => void jest.useFakeTimers({ now: 1_000 }));
  afterEach(() => void jest.useRealTimers());

  it('is settled up to now while nothing is under way', () => {
    expect(setUp().tracked.progress(5_000)).toEqual({ settledAt: 5_000, acknowledged: [] });
  });

  it('is settled up to the oldest record under way, in whatever order they are acknowledged', async () => {
    const { tracked, calls } = setUp();
    const first = tracked.publish(record('OrderLatency'));
    jest.setSystemTime(2_000);
    const second = tracked.publish(record('OrderLatency'));
    calls[1]!.resolve({ partition: 0, offset: '8' });
    await second;
    expect(tracked.progress(3_000).settledAt).toBe(1_000);
    calls[0]!.resolve({ partition: 0, offset: '7' });
    await first;
    expect(tracked.progress(3_000)).toEqual({
      settledAt: 3_000,
      acknowledged: [{ topic: 'OrderLatency', partition: 0, offset: 8 }],
    });
  });

  it('knows the newest offset of each partition of each topic', async () => {
    const { tracked, calls } = setUp();
    const places = [
      ['OrderLatency', 0, '0'],
      ['OrderLatency', 1, '4'],
      ['Revenue', 0, '2'],
      ['OrderLatency', 1, '5'],
    ] as const;
    const published = places.map(([topic]) => tracked.publish(record(topic)));
    for (const [i, [, partition, offset]] of places.entries()) {
      calls[i]!.resolve({ partition, offset });
    }
    await Promise.all(published);
    expect(tracked.progress(0).acknowledged).toEqual([
      { topic: 'OrderLatency', partition: 0, offset: 0 },
      { topic: 'OrderLatency', partition: 1, offset: 5 },
      { topic: 'Revenue', partition: 0, offset: 2 },
    ]);
  });

  it('passes on what Kafka refuses, counts it, and waits for it no longer', async () => {
    const { tracked, calls } = setUp();
    const refused = tracked.publish(record('Revenue'));
    calls[0]!.reject(new Error('too large'));
    await expect(refused).rejects.toThrow('too large');
    expect(tracked.progress(9_000)).toEqual({ settledAt: 9_000, acknowledged: [] });
    expect(tracked.refused).toBe(1);
  });

  it('lets records of other topics pass without tracking them', async () => {
    const { tracked, calls } = setUp();
    const other = tracked.publish(record('DeadLetterQueue'));
    expect(tracked.progress(9_000).settledAt).toBe(9_000);
    calls[0]!.resolve({ partition: 3, offset: '1' });
    expect(await other).toEqual({ partition: 3, offset: '1' });
    expect(tracked.progress(9_000).acknowledged).toEqual([]);
  });
});
