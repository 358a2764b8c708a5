import { TrackedPublisher } from '../../src/kafka/trackedPublisher';
import { readKpiCatalogue } from '../../src/kpiCatalogue';
import { kpiEvent } from '../../src/messages/kpiEvent';
import { computeTime, type Measure, startMeasurements } from '../../src/workers/measurements';
import { MemoryPublisher } from '../support/memoryPublisher';

const begin = Date.parse('2026-01-31T09:00:20Z');
const minuteMs = 60_000;

function setUp(...measures: Measure[]) {
  const publisher = new MemoryPublisher();
  const warnings: string[] = [];
  const measurements = startMeasurements({
    measures,
    catalogue: readKpiCatalogue(),
    publisher: new TrackedPublisher(publisher, new Set()),
    deployment: '1.2.3',
    logger: { warn: ({ detail }: { detail: string }) => void warnings.push(detail) } as never,
  });
  return {
    measurements,
    publisher,
    warnings,
    ids: () => publisher.records.map(({ headers }) => String(headers?.ce_id)),
    events: () =>
      publisher.records.map(({ value }) => kpiEvent.schema.parse(JSON.parse(String(value)))),
  };
}

const lag =
  (amount: number): Measure =>
  async () => [{ source: 'intake-lag', amount }];

describe('measurements', () => {
  beforeEach(() => void jest.useFakeTimers({ now: begin }));
  afterEach(() => void jest.useRealTimers());

  it('are told at the turn of every minute, as events of the KPIs that observe them', async () => {
    const { measurements, ids, events } = setUp(lag(7));
    expect(ids()).toEqual([]);

    await jest.advanceTimersByTimeAsync(40_000 + minuteMs);

    expect(ids()).toEqual([
      'intake-lag@1:measured:intake-lag:2026-01-31T09:01:00.000Z',
      'intake-lag@1:measured:intake-lag:2026-01-31T09:02:00.000Z',
    ]);
    expect(events()[0]).toMatchObject({
      kpi: 'intake-lag',
      value: 7,
      timestamp: '2026-01-31T09:01:00.000Z',
    });
    await measurements.stop();
  });

  it('have the same ids from whichever process tells them, but for what is its own', async () => {
    const told = () => [lag(1), computeTime('intake', 'i-1')] as const;
    const [one, other] = [setUp(...told()), setUp(lag(2), computeTime('intake', 'i-2'))];

    await jest.advanceTimersByTimeAsync(minuteMs);

    expect(one.ids()[0]).toBe(other.ids()[0]);
    expect([one.ids()[1], other.ids()[1]]).toEqual([
      'compute-time@1:measured:compute-time:intake:i-1:2026-01-31T09:01:00.000Z',
      'compute-time@1:measured:compute-time:intake:i-2:2026-01-31T09:01:00.000Z',
    ]);
    await Promise.all([one.measurements.stop(), other.measurements.stop()]);
  });

  it('go on where one fails, and are tried again', async () => {
    let fails = true;
    const { measurements, warnings, ids } = setUp(async () => {
      if (fails) throw new Error('no broker');
      return [{ source: 'data-freshness', amount: 0.5 }];
    }, lag(1));

    await jest.advanceTimersByTimeAsync(minuteMs);
    expect(warnings).toEqual(['no broker']);
    expect(ids()).toHaveLength(1);

    fails = false;
    await jest.advanceTimersByTimeAsync(minuteMs);
    expect(ids()).toHaveLength(3);
    await measurements.stop();
  });

  it('wait for a measure that takes longer than its minute, rather than begin another', async () => {
    let begun = 0;
    const answers: (() => void)[] = [];
    const { measurements, ids } = setUp(
      () =>
        new Promise(resolve => {
          begun++;
          answers.push(() => resolve([{ source: 'data-freshness', amount: 200 }]));
        }),
    );

    await jest.advanceTimersByTimeAsync(3 * minuteMs);
    expect(begun).toBe(1);

    answers[0]?.();
    await jest.advanceTimersByTimeAsync(minuteMs);
    expect(begun).toBe(2);
    expect(ids()).toEqual(['data-freshness@1:measured:data-freshness:2026-01-31T09:01:00.000Z']);
    await measurements.stop();
  });

  it('go on while another takes longer than its minute', async () => {
    const { measurements, ids } = setUp(() => new Promise(() => {}), lag(7));

    await jest.advanceTimersByTimeAsync(3 * minuteMs);

    expect(ids()).toHaveLength(3);
    await measurements.stop();
  });

  it('go on while Kafka is away, so that each minute has its own once it is back', async () => {
    const { measurements, publisher, ids } = setUp(lag(7));
    publisher.offer = record => void publisher.records.push(record);

    await jest.advanceTimersByTimeAsync(2 * minuteMs);

    expect(ids()).toEqual([
      'intake-lag@1:measured:intake-lag:2026-01-31T09:01:00.000Z',
      'intake-lag@1:measured:intake-lag:2026-01-31T09:02:00.000Z',
    ]);
    await measurements.stop();
  });

  it('that Kafka does not take are logged', async () => {
    const { measurements, publisher, warnings } = setUp(lag(7));
    publisher.offer = (_, { reject }) => reject(new Error('too large'));

    await jest.advanceTimersByTimeAsync(minuteMs);

    expect(warnings).toEqual(['too large']);
    await measurements.stop();
  });

  it('end when they are stopped, also in the midst of one', async () => {
    let answer: (() => void) | undefined;
    const { measurements, warnings } = setUp(
      () =>
        new Promise((_, reject) => {
          answer = () => reject(new Error('closed'));
        }),
    );
    await jest.advanceTimersByTimeAsync(minuteMs);

    await measurements.stop();
    answer?.();
    await jest.advanceTimersByTimeAsync(5 * minuteMs);

    expect(warnings).toEqual([]);
    expect(jest.getTimerCount()).toBe(0);
  });
});

describe('the compute time of this process', () => {
  it('is what it used since it was last asked', async () => {
    const measure = computeTime('intake', 'i-1');
    const usages = [
      { user: 1_500_000, system: 500_000 },
      { user: 0, system: 0 },
    ];
    const asked: (NodeJS.CpuUsage | undefined)[] = [];
    const spy = jest.spyOn(process, 'cpuUsage').mockImplementation(since => {
      asked.push(since);
      return since === undefined ? usages[1]! : usages[0]!;
    });

    const first = await measure();
    await measure();
    spy.mockRestore();

    expect(first).toEqual([
      { source: 'compute-time', subject: 'intake', instance: 'i-1', amount: 2 },
    ]);
    expect(asked[2]).toBe(usages[1]);
  });
});
