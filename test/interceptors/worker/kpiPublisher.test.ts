import type { Answer } from '../../../src/batcher';
import { KpiPublisher } from '../../../src/interceptors/worker/kpiPublisher';
import type { OutgoingRecord, Position } from '../../../src/kafka/record';

const record: OutgoingRecord = { topic: 'TestErrors', key: 'o1', value: '{}' };
const place: Position = { partition: 0, offset: '0' };

const lingerMs = 1_000;

/** Something captured of which one event follows. */
const one = () => [record];

/** A publisher that answers when the test says so. */
function setUp(queueLimit: number) {
  const calls: Answer<Position>[] = [];
  const warnings: object[] = [];
  const publisher = new KpiPublisher({
    publisher: { offer: (_, answer) => void calls.push(answer) },
    queueLimit,
    lingerMs,
    logger: { warn: (details: object) => warnings.push(details) },
  });
  const offer = (count: number) => {
    for (let i = 0; i < count; i++) publisher.offer(one);
  };
  return { publisher, offer, calls, warnings };
}

const leave = () => jest.advanceTimersByTime(lingerMs);

describe('the KPI publisher', () => {
  beforeEach(() => void jest.useFakeTimers({ now: 1_000 }));
  afterEach(() => void jest.useRealTimers());

  it('gathers for a while what was captured, and derives the events of all of it then', () => {
    const { publisher, calls } = setUp(10);
    const derived: string[] = [];
    for (const name of ['first', 'second']) {
      publisher.offer(() => {
        derived.push(name);
        return [record, record];
      });
      jest.advanceTimersByTime(lingerMs / 2 - 1);
      expect(derived).toEqual([]);
    }
    jest.advanceTimersByTime(2);
    expect(derived).toEqual(['first', 'second']);
    expect(calls).toHaveLength(4);
    expect(publisher.counts).toEqual({ published: 0, dropped: 0, failed: 0, pending: 4 });
  });

  it('waits no longer where much was captured', () => {
    const { offer, calls } = setUp(10_000);
    offer(99);
    expect(calls).toHaveLength(0);
    offer(1);
    expect(calls).toHaveLength(100);
  });

  it('knows the oldest of what it has not settled, whether it gathers or is on its way', () => {
    const { publisher, offer, calls } = setUp(10);
    expect(publisher.oldest).toBeUndefined();
    offer(1);
    jest.setSystemTime(1_500);
    offer(1);
    expect(publisher.oldest).toBe(1_000);
    leave();
    jest.setSystemTime(5_000);
    offer(1);
    calls[0]!.resolve(place);
    expect(publisher.oldest).toBe(1_000);
    calls[1]!.reject(new Error('no leader'));
    expect(publisher.oldest).toBe(5_000);
    leave();
    expect(publisher.oldest).toBe(5_000);
    calls[2]!.resolve(place);
    expect(publisher.oldest).toBeUndefined();
  });

  it('takes as much as its queue holds, and drops and counts the rest', () => {
    const { publisher, offer, calls } = setUp(3);

    offer(5);
    leave();

    expect(calls).toHaveLength(3);
    expect(publisher.counts).toEqual({ published: 0, dropped: 2, failed: 0, pending: 3 });
  });

  it('counts each event that would have followed from what it drops, and none where none would', () => {
    const { publisher, offer, warnings } = setUp(1);
    offer(1);
    publisher.offer(() => []);
    expect(publisher.counts.dropped).toBe(0);
    expect(warnings).toHaveLength(0);
    publisher.offer(() => [record, record, record]);
    expect(publisher.counts.dropped).toBe(3);
  });

  it('holds no more events than its queue, however many follow from what it took', () => {
    const { publisher, calls } = setUp(2);
    publisher.offer(() => [record, record, record]);
    publisher.offer(one);
    leave();
    expect(publisher.counts).toMatchObject({ pending: calls.length, dropped: 4 - calls.length });
    expect(calls.length).toBeLessThanOrEqual(2);
  });

  it('takes more as soon as something is acknowledged', () => {
    const { publisher, offer, calls } = setUp(1);
    offer(2);
    leave();
    calls[0]!.resolve(place);

    offer(1);

    expect(publisher.counts).toEqual({ published: 1, dropped: 1, failed: 0, pending: 1 });
  });

  it('counts what Kafka refuses', () => {
    const { publisher, offer, calls } = setUp(2);
    offer(2);
    leave();

    calls[0]!.reject(new Error('no leader'));
    calls[1]!.resolve(place);

    expect(publisher.counts).toEqual({ published: 1, dropped: 0, failed: 1, pending: 0 });
  });

  it('survives what can not be derived, and loses nothing else with it', () => {
    const { publisher, calls } = setUp(3);
    publisher.offer(one);
    publisher.offer(() => {
      throw new Error('broken');
    });
    publisher.offer(one);
    leave();
    for (const { resolve } of calls) resolve(place);

    expect(publisher.counts).toEqual({ published: 2, dropped: 0, failed: 1, pending: 0 });
    expect(publisher.oldest).toBeUndefined();
  });

  it('settles what no event follows from', () => {
    const { publisher } = setUp(1);
    publisher.offer(() => []);
    leave();
    expect(publisher.counts.pending).toBe(0);
    expect(publisher.oldest).toBeUndefined();
  });

  it('logs once per time of trouble, however much it loses', () => {
    const { offer, calls, warnings } = setUp(1);

    offer(1000);
    expect(warnings).toHaveLength(1);

    leave();
    calls[0]!.resolve(place);
    offer(1000);
    expect(warnings).toHaveLength(2);
  });

  it('sends at its stop what it has gathered, waits for it, and takes nothing more', async () => {
    const { publisher, offer, calls } = setUp(10);
    offer(2);

    const stopped = publisher.stop(60_000);
    offer(1);
    for (const { resolve } of calls) resolve(place);
    await stopped;

    expect(publisher.counts).toEqual({ published: 2, dropped: 1, failed: 0, pending: 0 });
  });

  it('stops although Kafka never answers', async () => {
    const { publisher, offer } = setUp(10);
    offer(2);

    const stopped = publisher.stop(1);
    jest.advanceTimersByTime(1);
    await stopped;

    expect(publisher.counts.pending).toBe(2);
  });

  it('stops at once when there is nothing on the way', async () => {
    await setUp(1).publisher.stop(60_000);
  });
});
