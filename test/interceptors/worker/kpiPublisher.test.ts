import type { Answer } from '../../../src/batcher';
import { KpiPublisher } from '../../../src/interceptors/worker/kpiPublisher';
import type { OutgoingRecord, Position } from '../../../src/kafka/record';

const record: OutgoingRecord = { topic: 'TestErrors', key: 'o1', value: '{}' };
const place: Position = { partition: 0, offset: '0' };
const records = (count: number) => Array.from({ length: count }, () => record);

/** A publisher that answers when the test says so. */
function setUp(queueLimit: number) {
  const calls: Answer<Position>[] = [];
  const warnings: object[] = [];
  const publisher = new KpiPublisher({
    publisher: { offer: (_, answer) => void calls.push(answer) },
    queueLimit,
    logger: { warn: (details: object) => warnings.push(details) },
  });
  return { publisher, calls, warnings };
}

const turn = () => new Promise(resolve => setImmediate(resolve));

describe('the KPI publisher', () => {
  it('takes as much as its queue holds, and drops and counts the rest', () => {
    const { publisher, calls } = setUp(3);

    publisher.offer(records(5));

    expect(calls).toHaveLength(3);
    expect(publisher.counts).toEqual({ published: 0, dropped: 2, failed: 0, pending: 3 });
  });

  it('takes more as soon as something is acknowledged', async () => {
    const { publisher, calls } = setUp(1);
    publisher.offer(records(2));
    calls[0]?.resolve(place);
    await turn();

    publisher.offer(records(1));

    expect(publisher.counts).toEqual({ published: 1, dropped: 1, failed: 0, pending: 1 });
  });

  it('counts what Kafka refuses', async () => {
    const { publisher, calls } = setUp(2);
    publisher.offer(records(2));

    calls[0]?.reject(new Error('no leader'));
    calls[1]?.resolve(place);
    await turn();

    expect(publisher.counts).toEqual({ published: 1, dropped: 0, failed: 1, pending: 0 });
  });

  it('survives a publisher that throws at once', async () => {
    const publisher = new KpiPublisher({
      publisher: {
        offer: () => {
          throw new Error('broken');
        },
      },
      queueLimit: 1,
      logger: { warn: () => undefined },
    });

    expect(() => publisher.offer(records(1))).not.toThrow();
    await turn();
    expect(publisher.counts).toMatchObject({ failed: 1, pending: 0 });
  });

  it('logs once per time of trouble, however much it loses', async () => {
    const { publisher, calls, warnings } = setUp(1);

    publisher.offer(records(1000));
    expect(warnings).toHaveLength(1);

    calls[0]?.resolve(place);
    await turn();
    publisher.offer(records(1000));
    expect(warnings).toHaveLength(2);
  });

  it('waits at its stop for what is on the way, and takes nothing more', async () => {
    const { publisher, calls } = setUp(10);
    publisher.offer(records(2));

    const stopped = publisher.stop(60_000);
    publisher.offer(records(1));
    for (const { resolve } of calls) resolve(place);
    await stopped;

    expect(publisher.counts).toEqual({ published: 2, dropped: 1, failed: 0, pending: 0 });
  });

  it('stops although Kafka never answers', async () => {
    const { publisher } = setUp(10);
    publisher.offer(records(2));

    await publisher.stop(1);

    expect(publisher.counts.pending).toBe(2);
  });

  it('stops at once when there is nothing on the way', async () => {
    await setUp(1).publisher.stop(60_000);
  });
});
