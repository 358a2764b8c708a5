/** The standing reconciliation: each span once, whatever breaks on the way. */
import { randomUUID } from 'node:crypto';
import { ensureTopics, programTopics } from '../../src/kafka/topics';
import { kpiTopic } from '../../src/messages/kpiEvent';
import { readCheckpoint } from '../../src/postgres/checkpoint';
import { type Finding, saveFindings } from '../../src/postgres/findings';
import { readParity } from '../../src/postgres/parity';
import { untilCounted } from '../../src/watcher/ledgerProgress';
import { type PassOptions, reconcileAgain, reconcileNext } from '../../src/watcher/passes';
import { quiet, testKafka } from '../support/kafka';
import { waitFor } from '../support/waitFor';
import { catalogue, idOf, type OrderWorld, openOrderWorld } from './orderWorld';

jest.setTimeout(120_000);

let world: OrderWorld;
let options: PassOptions;

beforeAll(async () => {
  world = await openOrderWorld();
  const kafka = testKafka();
  const topics = programTopics(
    { KAFKA_PARTITIONS: 1, KAFKA_KPI_PARTITIONS: 1, KAFKA_REPLICATION_FACTOR: 1 },
    catalogue.namesWithEvents,
  );
  await ensureTopics(kafka, topics, quiet);
  // Other tests write to these topics what this ledger shall not wait for.
  await world.database.pool.query(
    `INSERT INTO ledger_watermarks (generation, topic, partition, next_offset, record_time)
     SELECT 1, topic, partition, 1000000000, now()
     FROM unnest($1::text[]) AS topic, generate_series(0, 50) AS partition`,
    [catalogue.namesWithEvents.map(kpiTopic)],
  );
  options = {
    ...world.reconciler,
    ...{ namespace: 'default', graceMs: 0, keepMs: 35 * 86_400_000 },
    untilCounted: () =>
      untilCounted(kafka, world.database.pool, catalogue.namesWithEvents.map(kpiTopic)),
  };
});
afterAll(() => world?.close());

/** A confirmed order, all of whose events are lost but those of its steps. */
async function lostOrder(): Promise<string> {
  const [id] = await world.start([
    { orderId: randomUUID(), products: [{ productCode: 'TEA', quantity: 1 }] },
  ]);
  await world.untilClosed([id!]);
  return id!;
}

const findings: Finding[] = [];

const next = (changes: Partial<PassOptions> = {}) =>
  reconcileNext({ ...options, ...changes }, 'shallow', {
    onProgress: () => undefined,
    onFinding: finding => findings.push(finding),
  });

const checkpoint = async () => (await readCheckpoint(world.database.pool, 'shallow')).comparedUntil;

const repairedSum = async () => {
  const { rows } = await world.database.pool.query<{ sum: number }>(
    'SELECT coalesce(sum(repaired), 0)::integer AS sum FROM kpi_parity',
  );
  return rows[0]!.sum;
};

it('a pass goes on from its checkpoint, counts each order once, and tells its figures as events', async () => {
  const begin = await checkpoint();
  const id = await lostOrder();
  // From one ten minutes to the next it is two steps.
  const step = await waitFor(async () => {
    const one = await next();
    return one.runs > 0 ? one : undefined;
  });
  expect(step).toMatchObject({ runs: 1, histories: 1, repaired: 6, unexplained: 0 });
  expect(await checkpoint()).toBeGreaterThan(begin);
  const about = world.repaired.filter(record => record.topic !== 'KpiParity');
  expect(new Set(about.map(idOf)).size).toBe(6);
  expect(about.every(record => idOf(record).includes(id))).toBe(true);
  const told = world.repaired.filter(record => record.topic === 'KpiParity');
  const amounts = told.map(({ value }) => JSON.parse(String(value)).value as number);
  expect(amounts.reduce((sum, amount) => sum + amount, 0)).toBe(6);
  expect(JSON.parse(String(told[0]!.value)).metadata).toEqual(
    expect.arrayContaining([
      { name: 'depth', value: 'shallow' },
      { name: 'result', value: 'repaired' },
    ]),
  );

  await next();
  expect(await repairedSum()).toBe(6);
});

it('a step that broke off is done again from its beginning, and its figures count once', async () => {
  const before = { at: await checkpoint(), sum: await repairedSum() };
  await lostOrder();
  const broken = { publish: () => Promise.reject(new Error('Kafka is away')) };
  findings.length = 0;
  await expect(next({ publisher: broken })).rejects.toThrow('Kafka is away');
  expect(findings).toEqual([]);
  expect({ at: await checkpoint(), sum: await repairedSum() }).toEqual(before);
  await waitFor(async () => (await next()).runs > 0);
  expect(await repairedSum()).toBe(before.sum + 6);
  expect(findings.map(({ verdict }) => verdict)).toEqual(Array(6).fill('repaired'));
});

describe('a watcher that is killed', () => {
  /** The figures as the ledger has them: each event once. */
  const told = () => {
    const figures = new Map<string, number>();
    for (const record of world.repaired.filter(({ topic }) => topic === 'KpiParity')) {
      figures.set(idOf(record), JSON.parse(String(record.value)).value);
    }
    return [...figures.values()].reduce((sum, amount) => sum + amount, 0);
  };
  const standing = async () => {
    const { rows } = await world.database.pool.query<{ sum: number }>(
      'SELECT coalesce(sum(matched + repaired + unexplained), 0)::integer AS sum FROM kpi_parity',
    );
    return rows[0]!.sum;
  };

  it.each([
    ['before its figures are out', false],
    ['once its figures are out, before it could note so', true],
  ])('%s has the next one tell the same, and each counts once', async (_, areOut) => {
    const { publisher } = options;
    const dying: typeof publisher = {
      async publish(record) {
        if (record.topic !== 'KpiParity') return publisher.publish(record);
        if (areOut) await publisher.publish(record);
        throw new Error('killed');
      },
    };
    const before = { told: told(), standing: await standing() };
    expect(before.told).toBe(before.standing);
    await lostOrder();
    await waitFor(() =>
      next({ publisher: dying }).then(
        () => false,
        thrown => (thrown as Error).message === 'killed',
      ),
    );
    await next();
    expect(await standing()).toBe(before.standing + 6);
    expect(told()).toBe(before.told + 6);
  });
});

it('a pass out of turn compares any span again, and leaves the standing figures alone', async () => {
  const before = { at: await checkpoint(), sum: await repairedSum() };
  const span = { from: Date.now() - 3_600_000, to: Date.now() };
  const report = await reconcileAgain(options, span, 'deep', () => undefined);
  expect(report.runs).toBe(4);
  expect(report.findings).toHaveLength(24);
  expect({ at: await checkpoint(), sum: await repairedSum() }).toEqual(before);
  const { rows } = await world.database.pool.query('SELECT depth FROM reconciliation_findings');
  expect(rows.map(({ depth }) => depth)).toEqual(Array(24).fill('deep'));
});

it('a pass out of turn says what it judged: until now less the grace, and what Temporal may still know', async () => {
  const asked = { from: 0, to: Date.now() + 3_600_000 };
  const graceMs = 10_000;
  const begin = Date.now();
  const pass = await reconcileAgain({ ...options, graceMs }, asked, 'shallow', () => undefined);
  expect(pass.judged.to).toBeGreaterThanOrEqual(begin - graceMs);
  expect(pass.judged.to).toBeLessThanOrEqual(Date.now() - graceMs);
  expect(pass.judged.from).toBeGreaterThan(begin - options.keepMs);

  const young = { from: Date.now() - graceMs / 2, to: Date.now() };
  const none = await reconcileAgain({ ...options, graceMs }, young, 'shallow', () => undefined);
  expect(none.runs).toBe(0);
  expect(none.judged.to).toBe(none.judged.from);
  const past = { from: young.from - 120_000, to: young.from - 60_000 };
  const whole = await reconcileAgain({ ...options, graceMs }, past, 'shallow', () => undefined);
  expect(whole.judged).toEqual(past);
});

it('a pass stops where it is told to', async () => {
  await lostOrder();
  const stop = () => {
    throw new Error('stopped');
  };
  await expect(
    reconcileNext(options, 'shallow', { onProgress: stop, onFinding: stop }),
  ).rejects.toThrow('stopped');
});

describe('a step that broke off between a repair and its figures', () => {
  type Death = () => Partial<PassOptions>;

  const repairsOf = (id: string) =>
    world.repaired.filter(record => record.topic !== 'KpiParity' && idOf(record).includes(id));
  const noted = async () => {
    const { rows } = await world.database.pool.query('SELECT event_id FROM noted_repairs');
    return rows.map(row => row.event_id as string).sort();
  };
  const shallow = async () => {
    const { matched, repaired } = await readParity(world.database.pool, 'shallow');
    return { matched, repaired };
  };
  const found = (id: string) =>
    findings.filter(({ eventId }) => eventId.includes(id)).map(({ verdict }) => verdict);

  /** Dies once so many repairs are out. */
  const publishing =
    (most: number): Death =>
    () => {
      let left = most;
      const publish: PassOptions['publisher']['publish'] = async record => {
        if (record.topic !== 'KpiParity' && left-- <= 0) throw new Error('killed');
        return options.publisher.publish(record);
      };
      return { publisher: { publish } };
    };

  /** Waits for the ledger a second time, after a repair of revenue, and in vain. */
  const waiting: Death = () => {
    let waits = 0;
    return {
      async untilCounted() {
        if (++waits > 1) throw new Error('killed');
      },
    };
  };

  const die = (death: Death) =>
    waitFor(
      () =>
        next(death()).then(
          () => false,
          thrown => (thrown as Error).message === 'killed',
        ),
      'the watcher to be killed',
    );
  const caughtUp = (depth: 'shallow' | 'deep') =>
    waitFor(async () => {
      const onFinding = (finding: Finding) => findings.push(finding);
      return (await reconcileNext(options, depth, { onProgress: () => undefined, onFinding })).done;
    });

  it.each([
    ['before anything is out', publishing(0)],
    ['when some of it is out', publishing(3)],
    ['when all of it is out and counted', waiting],
  ])('%s has every repair told once, and none as a match', async (_, death) => {
    await caughtUp('shallow');
    const before = await shallow();
    const id = await lostOrder();
    await die(death);
    expect(await noted()).toHaveLength(6);
    await world.count(repairsOf(id));
    findings.length = 0;
    await waitFor(async () => (await next()).runs > 0);
    expect(found(id)).toEqual(Array(6).fill('repaired'));
    expect(await shallow()).toEqual({ ...before, repaired: before.repaired + 6 });
    expect(await noted()).toEqual([]);

    await world.count(repairsOf(id));
    findings.length = 0;
    await caughtUp('shallow');
    await caughtUp('deep');
    expect(found(id)).toEqual([]);
  });

  it.each([
    ['what is out', true],
    ['nothing that is not', false],
  ])('has %s told of a run that goes on, though it is not looked at again', async (_, isOut) => {
    await caughtUp('shallow');
    const orderId = randomUUID();
    world.failures.set(orderId, 1_000);
    const [id] = await world.start([{ orderId, products: [{ productCode: 'TEA', quantity: 1 }] }]);
    const handle = world.client.workflow.getHandle(id!);
    await waitFor(async () => {
      const { raw } = await handle.describe();
      return (raw.pendingActivities?.[0]?.attempt ?? 0) > 2;
    });
    const death: Death = () => ({
      publisher: {
        async publish(record) {
          if (isOut) await options.publisher.publish(record);
          throw new Error('killed');
        },
      },
    });
    await die(death);
    const repairs = await noted();
    expect(repairs.length).toBeGreaterThan(0);
    await world.count(repairsOf(id!));
    const accounts: PassOptions['accounts'] = Object.create(options.accounts, {
      ofRetrying: { value: async function* () {} },
    });
    findings.length = 0;
    await next({ accounts });
    expect(findings.map(({ eventId }) => eventId).sort()).toEqual(isOut ? repairs : []);
    expect(await noted()).toEqual(isOut ? [] : repairs);
    await handle.terminate();
  });
});

it('a doubt is taken back by a pass that looks as deep and finds the event as Temporal says', async () => {
  const doubted = async () => {
    const { rows } = await world.database.pool.query(
      `SELECT event_id FROM reconciliation_findings WHERE verdict = 'unexplained'`,
    );
    return rows.map(row => row.event_id);
  };
  const begin = Date.now();
  const id = await lostOrder();
  const again = (depth: 'shallow' | 'deep') =>
    reconcileAgain(options, { from: begin, to: Date.now() }, depth, () => undefined);
  await waitFor(async () => (await again('deep')).runs > 0);
  await world.count(world.repaired.filter(record => idOf(record).includes(id)));
  const event = {
    eventId: `revenue@1:milestone:${id}:OrderConfirmed`,
    verdict: 'unexplained' as const,
    ...{ kpi: 'revenue', occurrence: 'milestone', at: begin, detail: 'Temporal had lost it' },
  };
  await saveFindings(world.database.pool, 'deep', [event]);
  expect((await again('shallow')).explained).toEqual([]);
  expect(await doubted()).toEqual([event.eventId]);
  expect((await again('deep')).explained).toEqual([event.eventId]);
  expect(await doubted()).toEqual([]);
});
