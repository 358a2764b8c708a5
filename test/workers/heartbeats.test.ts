import type { OutgoingRecord, Position } from '../../src/kafka/record';
import { kpiHeartbeat } from '../../src/messages/kpiHeartbeat';
import { startHeartbeats } from '../../src/workers/heartbeats';
import { quiet } from '../support/kafka';

const begin = Date.parse('2026-01-31T09:00:00Z');

/** A process whose publisher answers when the test says so. */
function setUp() {
  const sent: OutgoingRecord[] = [];
  const answers: { resolve: (position: Position) => void; reject: (reason: Error) => void }[] = [];
  let dropped = 0;
  const heartbeats = startHeartbeats({
    producer: 'order-worker',
    instance: 'w-1',
    kpis: ['order-latency@1', 'revenue@2'],
    publisher: {
      publish: record => {
        sent.push(record);
        return new Promise((resolve, reject) => answers.push({ resolve, reject }));
      },
    },
    progress: now => ({
      settledAt: now - 50,
      acknowledged: [{ topic: 'OrderLatency', partition: 2, offset: 7 }],
    }),
    dropped: () => dropped,
    logger: quiet,
  });
  return {
    heartbeats,
    sent,
    answer: async () => {
      answers.shift()?.resolve({ partition: 0, offset: '0' });
      await jest.advanceTimersByTimeAsync(0);
    },
    fail: async () => {
      answers.shift()?.reject(new Error('no leader'));
      await jest.advanceTimersByTimeAsync(0);
    },
    drop: (events: number) => {
      dropped += events;
    },
    data: () => sent.map(({ value }) => kpiHeartbeat.schema.parse(JSON.parse(String(value)))),
  };
}

describe('the heartbeats of a process', () => {
  beforeEach(() => void jest.useFakeTimers({ now: begin }));
  afterEach(() => void jest.useRealTimers());

  it('begin at once, and say who, since when, how far, until when and for what', async () => {
    const { heartbeats, sent, data } = setUp();
    expect(data()).toEqual([
      {
        producer: 'order-worker',
        instance: 'w-1',
        startedAt: '2026-01-31T09:00:00.000Z',
        sequence: 1,
        sentAt: '2026-01-31T09:00:00.000Z',
        settledAt: '2026-01-31T08:59:59.950Z',
        leaseSeconds: 20,
        dropped: 0,
        goodbye: false,
        acknowledged: [{ topic: 'OrderLatency', partition: 2, offset: 7 }],
        kpis: ['order-latency@1', 'revenue@2'],
      },
    ]);
    expect(sent[0]).toMatchObject({ topic: 'KpiHeartbeat', key: 'order-worker/w-1' });
    expect(sent[0]!.headers).toMatchObject({
      ce_id: 'KpiHeartbeat:order-worker/w-1@2026-01-31T09:00:00.000Z:1',
    });
    await heartbeats.stop();
  });

  it('come every few seconds, several within a lease, counted', async () => {
    const { heartbeats, answer, data } = setUp();
    for (let beat = 0; beat < 4; beat++) {
      await answer();
      await jest.advanceTimersByTimeAsync(5_000);
    }
    expect(data().map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5]);
    const span = Date.parse(data().at(-1)!.sentAt) - begin;
    expect(span).toBeLessThanOrEqual(data()[0]!.leaseSeconds * 1_000);
    await heartbeats.stop();
  });

  it('come at the same moments from all processes, however long after one another these began', async () => {
    const moments: number[] = [];
    for (const startedAfter of [0, 1, 2_499, 2_500, 4_999]) {
      jest.setSystemTime(begin + startedAfter);
      const { heartbeats, answer, data } = setUp();
      await answer();
      await jest.advanceTimersByTimeAsync(10_000);
      const [, first] = data().map(({ sentAt }) => Date.parse(sentAt) - begin);
      expect(first! - startedAfter).toBeGreaterThanOrEqual(2_500);
      moments.push(first!);
      await heartbeats.stop();
    }
    expect(moments).toEqual([5_000, 5_000, 5_000, 10_000, 10_000]);
  });

  it('do not pile up while Kafka is away, and go on when one was refused', async () => {
    const { heartbeats, fail, sent } = setUp();
    await jest.advanceTimersByTimeAsync(60_000);
    expect(sent).toHaveLength(1);
    await fail();
    await jest.advanceTimersByTimeAsync(5_000);
    expect(sent).toHaveLength(2);
    await heartbeats.stop();
  });

  it('say how many events were lost so far', async () => {
    const { heartbeats, answer, drop, data } = setUp();
    drop(3);
    await answer();
    await jest.advanceTimersByTimeAsync(5_000);
    expect(data().map(({ dropped }) => dropped)).toEqual([0, 3]);
    await heartbeats.stop();
  });

  it('end with a goodbye, for which nobody waits, and which nothing follows', async () => {
    const { heartbeats, data } = setUp();
    await jest.advanceTimersByTimeAsync(1_000);
    await heartbeats.stop();
    await jest.advanceTimersByTimeAsync(60_000);
    expect(data().map(({ sequence, goodbye }) => [sequence, goodbye])).toEqual([
      [1, false],
      [2, true],
    ]);
    expect(data()[1]!.sentAt).toBe('2026-01-31T09:00:01.000Z');
  });
});
