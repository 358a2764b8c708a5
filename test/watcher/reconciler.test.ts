/** Reconciliation with the real Temporal and Postgres: what is lost is found, what is forged is named. */
import { randomUUID } from 'node:crypto';
import type { OutgoingRecord } from '../../src/kafka/record';
import { Catalogue } from '../../src/kpi/catalogue';
import type { Order } from '../../src/messages/orderReceived';
import type { Depth } from '../../src/postgres/parity';
import { registerRefusals } from '../../src/postgres/register';
import {
  type ReconcilerOptions,
  reconcileSpan,
  type SpanReport,
} from '../../src/watcher/reconciler';
import { waitFor } from '../support/waitFor';
import { idOf, type OrderWorld, openOrderWorld, quietPass } from './orderWorld';

jest.setTimeout(120_000);

let world: OrderWorld;
beforeAll(async () => {
  world = await openOrderWorld();
});
afterAll(() => world?.close());

/** The spans of two tests must not touch. */
let begin = 0;
let end = 0;
beforeEach(async () => {
  begin = await waitFor(() => (Date.now() > end ? Date.now() : undefined));
  world.repaired.length = 0;
});

const tea = (quantity = 1) => [{ productCode: 'TEA', quantity }];

/** Runs orders to their end; answers with their workflow ids and all that was captured of them. */
async function run(orders: readonly Partial<Order>[], perOrder: number) {
  const ids = await world.start(
    orders.map(order => ({ orderId: randomUUID(), products: tea(), ...order })),
  );
  await world.untilClosed(ids);
  const captured = await waitFor(() => {
    const records = world.captured(ids);
    return new Set(records.map(idOf)).size >= ids.length * perOrder ? records : undefined;
  }, 'the events of all orders');
  return { ids, captured };
}

/** Latency, revenue, duration, success and two steps. */
const eventsOfConfirmed = 6;

async function reconcile(
  depth: Depth,
  open = false,
  options: Partial<ReconcilerOptions> = {},
): Promise<SpanReport> {
  end = Date.now() + 1;
  return reconcileSpan(
    { ...world.reconciler, ...options },
    { from: begin, to: end },
    { ...quietPass(world, depth), open },
  );
}

const sum = ({ parity }: SpanReport, of: 'matched' | 'repaired' | 'unexplained') =>
  parity.reduce((total, row) => total + row[of], 0);

const found = ({ findings }: SpanReport) =>
  findings.map(({ verdict, eventId }) => `${verdict} ${eventId}`).sort();

const without = (records: readonly OutgoingRecord[], isLost: (id: string) => boolean) =>
  records.filter(record => !isLost(idOf(record)));

describe('a ledger that has it all', () => {
  it('matches, by visibility alone and by every history, and its revenue is that of the orders', async () => {
    const { captured } = await run(
      [{}, { products: tea(3) }, { synthetic: true }],
      eventsOfConfirmed,
    );
    await world.count(captured);
    const shallow = await reconcile('shallow');
    expect(shallow.histories).toBe(0);
    expect(sum(shallow, 'matched')).toBe(3 * 4);
    expect(shallow.findings).toEqual([]);
    expect(shallow.revenue).toEqual([
      expect.objectContaining({
        currency: 'EUR',
        orders: 2,
        ledger: 2000n,
        temporal: 2000n,
        postgres: 2000n,
      }),
    ]);
    const deep = await reconcile('deep');
    expect(deep).toMatchObject({ runs: 3, histories: 3, findings: [] });
    expect(sum(deep, 'matched')).toBe(3 * eventsOfConfirmed);
    expect(world.repaired).toEqual([]);
  });
});

describe('an order of any fate', () => {
  /** Cancels orders once the inventory has failed them a few times. */
  async function cancelled(how: (workflowId: string) => Promise<unknown>): Promise<string> {
    const orderId = randomUUID();
    world.failures.set(orderId, 1_000);
    const [workflowId] = await world.start([{ orderId, products: tea() }]);
    const handle = world.client.workflow.getHandle(workflowId!);
    await waitFor(async () => {
      const { raw } = await handle.describe();
      return (raw.pendingActivities?.[0]?.attempt ?? 0) > 1;
    });
    await how(workflowId!);
    return workflowId!;
  }

  it('has in its history what was captured of it, no more and no less', async () => {
    const ids = await Promise.all([
      ...[
        tea(),
        [{ productCode: 'NONE', quantity: 1 }],
        [{ productCode: 'TEA\u0000', quantity: 1 }],
      ].map(async products => (await world.start([{ orderId: randomUUID(), products }]))[0]!),
      cancelled(id => world.client.workflow.getHandle(id).cancel()),
      cancelled(id =>
        world.client.workflow.getHandle(id).executeUpdate('cancel', { args: [{ by: 'test' }] }),
      ),
    ]);
    await world.untilClosed(ids);
    const report = await waitFor(async () => {
      await world.count(world.captured(ids));
      const compared = await reconcile('deep');
      return compared.findings.length === 0 ? compared : undefined;
    }, 'everything to be as it was captured');
    expect(report).toMatchObject({ runs: 5, histories: 5 });
    const durations = report.parity.filter(({ kpi }) => kpi === 'order-duration');
    expect(durations).toMatchObject([{ matched: 5, repaired: 0, unexplained: 0 }]);
    const { rows } = await world.database.pool.query(
      `SELECT slice ->> 'outcome' AS outcome, count(*)::integer FROM counted_events
       JOIN kpi_series USING (series_id) WHERE kpi = 'order-duration' AND at >= $1
       GROUP BY outcome ORDER BY outcome`,
      [new Date(begin)],
    );
    expect(rows).toEqual([
      { outcome: 'cancelled', count: 2 },
      { outcome: 'confirmed', count: 1 },
      { outcome: 'failed', count: 1 },
      { outcome: 'rejected', count: 1 },
    ]);
  });
});

describe('an event that was lost', () => {
  it('is published again as it was, marked, and is then there', async () => {
    const { ids, captured } = await run([{}, {}], eventsOfConfirmed);
    const lost = captured.filter(
      record => idOf(record).includes(ids[0]!) && /revenue|order-duration/.test(idOf(record)),
    );
    expect(lost).toHaveLength(2);
    await world.count(without(captured, id => lost.map(idOf).includes(id)));
    const report = await reconcile('shallow');
    expect(report.histories).toBe(1);
    expect(found(report)).toEqual(lost.map(record => `repaired ${idOf(record)}`).sort());
    const byId = new Map(world.repaired.map(record => [idOf(record), record]));
    for (const { topic, key, value, headers } of lost) {
      expect(byId.get(String(headers?.ce_id))).toEqual({
        ...{ topic, key, value },
        headers: { ...headers, ce_reconciled: 'true' },
      });
    }
    expect(report.revenue).toMatchObject([{ orders: 2, ledger: 500n, temporal: 1000n }]);

    const untilCounted = () => world.count(world.repaired);
    const counted = await reconcile('shallow', false, { untilCounted });
    expect(counted.revenue).toMatchObject([{ orders: 2, ledger: 1000n, temporal: 1000n }]);
    const again = await reconcile('deep');
    expect(again.findings).toEqual([]);
    expect(sum(again, 'matched')).toBe(2 * eventsOfConfirmed);
  });

  it('leaves no mark in visibility where it is a step, and is found by the history', async () => {
    const { captured } = await run([{}], eventsOfConfirmed);
    await world.count(without(captured, id => id.includes('step-performance')));
    expect((await reconcile('shallow')).findings).toEqual([]);
    const deep = await reconcile('deep');
    expect(deep.findings.map(({ kpi, verdict }) => [kpi, verdict])).toEqual([
      ['step-performance', 'repaired'],
      ['step-performance', 'repaired'],
    ]);
  });
});

describe('a failed attempt', () => {
  const failing = async (failures: number) => {
    const orderId = randomUUID();
    world.failures.set(orderId, failures);
    return run([{ orderId }], eventsOfConfirmed + 2 * failures);
  };

  it('is published with the failure that Temporal knows where the ledger knows none', async () => {
    const { captured } = await failing(1);
    const isKnown = (record: OutgoingRecord) => String(record.value).includes('ShelfLocked');
    await world.count(captured.filter(record => !isKnown(record)));
    const report = await reconcile('deep');
    expect(report.findings.map(({ kpi, detail }) => [kpi, detail])).toEqual([
      ['failed-attempts', 'its failure was unknown in the ledger; Temporal knows ShelfLocked'],
      ['inventory-errors', 'its failure was unknown in the ledger; Temporal knows ShelfLocked'],
    ]);
    await world.count(world.repaired);
    expect((await reconcile('deep')).findings).toEqual([]);
    const { rows } = await world.database.pool.query(
      `SELECT DISTINCT slice ->> 'failure' AS failure FROM counted_events JOIN kpi_series USING (series_id)
       WHERE kpi = 'failed-attempts' AND slice ->> 'failure' IS NOT NULL
         AND at >= $1`,
      [new Date(begin)],
    );
    expect(rows).toEqual([{ failure: 'ShelfLocked' }]);
  });

  it('stays as it was told where Temporal has forgotten how it failed', async () => {
    const { captured } = await failing(3);
    await world.count(captured);
    const report = await reconcile('deep');
    expect(report.findings).toEqual([]);
    expect(sum(report, 'matched')).toBe(eventsOfConfirmed + 2 * 3);
  });

  it('is found while its activity is still tried again', async () => {
    const orderId = randomUUID();
    world.failures.set(orderId, 1_000);
    const [workflowId] = await world.start([{ orderId, products: tea() }]);
    const handle = world.client.workflow.getHandle(workflowId!);
    await waitFor(async () => {
      const { raw } = await handle.describe();
      return (raw.pendingActivities?.[0]?.attempt ?? 0) > 2;
    });
    const report = await reconcile('shallow', true);
    const ids = report.findings.map(({ eventId }) => eventId);
    expect(ids).toEqual(
      expect.arrayContaining([expect.stringMatching(/^failed-attempts@1:attempt:.*:1:1$/)]),
    );
    expect(report.findings.every(({ verdict }) => verdict === 'repaired')).toBe(true);
    await handle.terminate();
  });
});

describe('a workflow that nothing of ours ended', () => {
  it.each([
    ['terminated', 'terminated'],
    ['timed out', 'timed-out'],
  ])('is found where it %s, and counts as a failure', async (how, outcome) => {
    const workflowId = `order-${randomUUID()}`;
    const handle = await world.client.workflow.start('order', {
      workflowId,
      taskQueue: world.taskQueue,
      args: ['what no order is'],
      ...(how === 'timed out' && { workflowExecutionTimeout: '1 second' }),
    });
    if (how === 'terminated') await handle.terminate();
    await waitFor(async () => (await handle.describe()).status.name !== 'RUNNING');
    await waitFor(async () => {
      const { count } = await world.client.workflow.count(
        `WorkflowId = '${workflowId}' AND ExecutionStatus != 'Running'`,
      );
      return count === 1;
    });
    const { runId } = await handle.describe();
    const report = await reconcile('shallow');
    expect(found(report)).toEqual([
      `repaired order-duration@1:closed:${workflowId}:${runId}`,
      `repaired order-success@2:closed:${workflowId}:${runId}`,
    ]);
    const events = world.repaired.map(record => JSON.parse(String(record.value)));
    for (const { metadata } of events) {
      expect(metadata).toContainEqual({ name: 'outcome', value: outcome });
    }
    expect(events.find(({ kpi }) => kpi === 'order-success')?.value).toBe(0);
    await world.count(world.repaired);
    expect((await reconcile('shallow')).findings).toEqual([]);
  });
});

describe('what the ledger has and Temporal never did', () => {
  /** The record as if it were another's. */
  const forged = (
    record: OutgoingRecord,
    change: (id: string) => string,
    value = record.value,
  ) => ({
    ...record,
    value,
    headers: { ...record.headers, ce_id: change(idOf(record)) },
  });
  const ofKpi = (records: readonly OutgoingRecord[], kpi: string) =>
    records.find(record => idOf(record).startsWith(`${kpi}@`))!;

  it('is named where there is no such workflow, and stays as it is', async () => {
    const { ids, captured } = await run([{}], eventsOfConfirmed);
    const stranger = forged(ofKpi(captured, 'revenue'), id => id.replace(ids[0]!, 'order-nobody'));
    await world.count([...captured, stranger]);
    for (const depth of ['shallow', 'deep'] as const) {
      const report = await reconcile(depth);
      expect(found(report)).toEqual([
        'unexplained revenue@1:milestone:order-nobody:OrderConfirmed',
      ]);
      expect(sum(report, 'unexplained')).toBe(1);
      expect(report.revenue).toMatchObject([{ orders: 1, ledger: 1000n, temporal: 500n }]);
    }
    expect(world.repaired).toEqual([]);
  });

  it('is told as progress with each workflow that is asked for, or the step would count as dead', async () => {
    const { captured } = await run([{}], eventsOfConfirmed);
    const revenue = ofKpi(captured, 'revenue');
    const nobodys = Array.from(
      { length: 20 },
      (_, i) => `revenue@1:milestone:no-${i}:OrderConfirmed`,
    );
    await world.count([...captured, ...nobodys.map(id => forged(revenue, () => id))]);
    const onProgress = jest.fn();
    end = Date.now() + 1;
    const report = await reconcileSpan(
      world.reconciler,
      { from: begin, to: end },
      { ...quietPass(world, 'shallow'), onProgress },
    );
    expect(sum(report, 'unexplained')).toBe(nobodys.length);
    expect(onProgress.mock.calls.length).toBeGreaterThanOrEqual(nobodys.length);
  });

  it('shows in the revenue that the ledger has, in the currency and the figures that it counts in', async () => {
    const { ids, captured } = await run([{}, {}, {}], eventsOfConfirmed);
    const [abroad, synthetic, twice] = ids.map(
      id => captured.find(record => idOf(record) === `revenue@1:milestone:${id}:OrderConfirmed`)!,
    ) as [OutgoingRecord, OutgoingRecord, OutgoingRecord];
    const changed = (record: OutgoingRecord, from: string, to: string) => ({
      ...record,
      value: String(record.value).replace(from, to),
    });
    const again = forged(twice, id => id.replace('Confirmed', 'Rejected'));
    await world.count([
      ...without(captured, id => id === idOf(abroad) || id === idOf(synthetic)),
      changed(abroad, '"EUR"', '"USD"'),
      changed(synthetic, '"synthetic","value":false', '"synthetic","value":true'),
      again,
    ]);
    for (const depth of ['shallow', 'deep'] as const) {
      const report = await reconcile(depth);
      expect(found(report)).toEqual(
        [abroad, synthetic, again].map(record => `unexplained ${idOf(record)}`).sort(),
      );
      expect(report.revenue).toMatchObject([
        { currency: 'EUR', orders: 3, ledger: 1000n, temporal: 1500n, postgres: 1500n },
        { currency: 'USD', orders: 0, ledger: 500n, temporal: 0n, postgres: 0n },
      ]);
    }
  });

  it('is named where its workflow did otherwise', async () => {
    const { ids, captured } = await run([{}], eventsOfConfirmed);
    const other = forged(ofKpi(captured, 'order-latency'), id =>
      id.replace('Confirmed', 'Rejected'),
    );
    const attempt = forged(ofKpi(captured, 'step-performance'), id =>
      id.replace(/^.*:step/, 'failed-attempts@1:attempt').concat(':7'),
    );
    const asAttempt = {
      ...attempt,
      topic: 'FailedAttempts',
      value: JSON.stringify({
        ...JSON.parse(String(attempt.value)),
        kpi: 'failed-attempts',
        metric: 'failed_attempts',
        unit: 'attempts',
        value: 1,
      }),
    };
    await world.count([...captured, other, asAttempt]);
    const report = await reconcile('deep');
    expect(found(report)).toEqual([
      expect.stringMatching(/^unexplained failed-attempts@1:attempt:/),
      `unexplained order-latency@1:milestone:${ids[0]}:OrderRejected`,
    ]);
    expect(world.repaired).toEqual([]);
  });

  it('is named where its id is none that its KPI has', async () => {
    const { ids, captured } = await run([{}], eventsOfConfirmed);
    const revenue = ofKpi(captured, 'revenue');
    const nobodys = ['revenue@1:refused:none', 'revenue@1:step:a:b:1'];
    const closed = idOf(ofKpi(captured, 'order-duration')).replace('order-duration', 'revenue');
    await world.count([...captured, ...[...nobodys, closed].map(id => forged(revenue, () => id))]);
    const expected = (ofRun: readonly string[]) =>
      [...nobodys, ...ofRun].map(id => `unexplained ${id}`).sort();
    expect(found(await reconcile('shallow'))).toEqual(expected([closed]));
    const report = await reconcile('deep');
    expect(found(report)).toEqual(expected([closed]));
    expect(report.findings.every(({ kpi }) => kpi === 'revenue')).toBe(true);
    expect(ids).toHaveLength(1);
  });

  it.each([
    ['after it closed', 180_000],
    ['before it began', -180_000],
  ])('is named where it lies in the time %s of a workflow that did otherwise', async (_, later) => {
    const { ids, captured } = await run([{}], eventsOfConfirmed);
    const revenue = ofKpi(captured, 'revenue');
    const event = JSON.parse(String(revenue.value));
    const time = new Date(Date.parse(event.timestamp) + later).toISOString();
    const late = forged(
      { ...revenue, headers: { ...revenue.headers, ce_time: time } },
      id => id.replace('Confirmed', 'Rejected'),
      JSON.stringify({ ...event, timestamp: time }),
    );
    await world.count([...captured, late]);
    const at = Date.parse(time);
    for (const depth of ['shallow', 'deep'] as const) {
      const report = await reconcileSpan(
        world.reconciler,
        { from: at, to: at + 1 },
        quietPass(world, depth),
      );
      expect(found(report)).toEqual([`unexplained revenue@1:milestone:${ids[0]}:OrderRejected`]);
    }
    // The span of another test may hold this time.
    await world.forget(idOf(late));
  });

  it('is named where it is of a run that its workflow never had, and where no query may hold its id', async () => {
    const { captured } = await run([{}], eventsOfConfirmed);
    const duration = ofKpi(captured, 'order-duration');
    const [, , workflowId] = idOf(duration).split(':');
    const ids = [
      `order-duration@1:closed:${workflowId}:another-run`,
      "order-duration@1:closed:it's\\:run",
      `order-duration@1:closed:${'long'.repeat(60)}:run`,
    ];
    await world.count([...captured, ...ids.map(id => forged(duration, () => id))]);
    expect(found(await reconcile('deep'))).toEqual(ids.map(id => `unexplained ${id}`).sort());
  });

  it('is named where its workflow did it, and its KPI does not count that', async () => {
    const { ids, captured } = await run([{ products: [{ productCode: 'NONE', quantity: 1 }] }], 1);
    const handle = world.client.workflow.getHandle(ids[0]!);
    const { runId } = await handle.describe();
    const { captured: paid } = await run([{}], eventsOfConfirmed);
    const revenue = forged(
      ofKpi(paid, 'revenue'),
      () => `revenue@1:milestone:${ids[0]}:OrderRejected`,
    );
    await world.count([...captured, ...paid, revenue]);
    const report = await reconcile('deep');
    const unexplained = report.findings.filter(({ verdict }) => verdict === 'unexplained');
    expect(unexplained.map(({ eventId }) => eventId)).toEqual([idOf(revenue)]);
    expect(runId).toBeDefined();
  });

  it('is named where the total is another, and never repaired', async () => {
    const { captured } = await run([{}], eventsOfConfirmed);
    const revenue = ofKpi(captured, 'revenue');
    const changed = {
      ...revenue,
      value: String(revenue.value).replace('"value":500', '"value":499'),
    };
    await world.count([...without(captured, id => id === idOf(revenue)), changed]);
    const report = await reconcile('shallow');
    expect(found(report)).toEqual([`unexplained ${idOf(revenue)}`]);
    expect(report.findings[0]?.detail).toBe('the value is 499 in the ledger and 500 in Temporal');
    expect(report.revenue).toMatchObject([{ ledger: 499n, temporal: 500n, postgres: 500n }]);
    expect(world.repaired).toEqual([]);
  });

  it('is named where the reservation in Postgres is worth something else', async () => {
    const { ids, captured } = await run([{}], eventsOfConfirmed);
    await world.count(captured);
    await world.database.pool.query(
      `UPDATE reservations SET outcome = jsonb_set(outcome, '{total}', '498') WHERE order_id = $1`,
      [ids[0]!.replace('order-', '')],
    );
    const report = await reconcile('shallow');
    expect(found(report)).toEqual([`unexplained revenue@1:milestone:${ids[0]}:OrderConfirmed`]);
    expect(report.revenue).toMatchObject([{ ledger: 500n, temporal: 500n, postgres: 498n }]);
  });
});

describe('an order that goes on after it is confirmed', () => {
  const plan = { fulfilment: { pickingSeconds: 3_600, dispatchSeconds: 3_600 } };
  const confirmed = 500n;

  /** Confirmed, and waiting for the warehouse; with what was captured until then. */
  async function confirmedOrder(): Promise<string> {
    const [id] = await world.start([{ orderId: randomUUID(), products: tea() }], plan);
    await waitFor(() => world.captured([id!]).some(isRevenue), 'the order to be confirmed');
    return id!;
  }
  const isRevenue = (record: OutgoingRecord) => idOf(record).startsWith('revenue@');

  /** Once it has closed and nothing of it is missing any more. */
  async function settled(id: string): Promise<void> {
    await world.untilClosed([id]);
    await world.count(world.captured([id]));
    await waitFor(async () => (await reconcile('shallow')).runs > 0);
    await world.count(world.repaired);
  }

  const callOff = (id: string) =>
    world.client.workflow
      .getHandle(id)
      .executeUpdate('cancel', { args: [{ by: 'test', reason: 'test' }] });
  const terminate = (id: string) => world.client.workflow.getHandle(id).terminate();

  const isWorth = async (options: Partial<ReconcilerOptions> = {}) => {
    for (const depth of ['shallow', 'deep'] as const) {
      const report = await reconcile(depth, false, options);
      expect(report.findings).toEqual([]);
      expect(report.revenue).toMatchObject([
        { currency: 'EUR', orders: 1, ledger: confirmed, temporal: confirmed, postgres: confirmed },
      ]);
    }
  };

  it('is worth the same to all three where it is terminated', async () => {
    const id = await confirmedOrder();
    await terminate(id);
    await settled(id);
    await isWorth();
  });

  it('is worth the same to all three where a new version took effect after it was confirmed', async () => {
    const id = await confirmedOrder();
    const { definitions } = world.reconciler.catalogue;
    const revenue = definitions.find(({ name }) => name === 'revenue')!;
    const effectiveFrom = new Date().toISOString();
    const catalogue = new Catalogue([
      ...definitions.map(definition => ({ file: 'released', definition })),
      { file: 'new', definition: { ...revenue, version: 2, effectiveFrom } },
    ]);
    await callOff(id);
    await settled(id);
    await isWorth({ catalogue });
  });

  it('counts once where a reset took it up again', async () => {
    const id = await confirmedOrder();
    const handle = world.client.workflow.getHandle(id);
    const task = await waitFor(async () => {
      const { events } = await handle.fetchHistory();
      const done = events?.filter(event => event.activityTaskCompletedEventAttributes) ?? [];
      const last = events?.findLast(event => event.workflowTaskCompletedEventAttributes);
      // Its stock is reserved and its confirmation told, and the workflow knows.
      return done.length === 2 && Number(last?.eventId) > Number(done[1]!.eventId)
        ? last
        : undefined;
    }, 'the order to wait for the warehouse');
    await world.client.workflowService.resetWorkflowExecution({
      namespace: 'default',
      workflowExecution: { workflowId: id, runId: (await handle.describe()).runId },
      workflowTaskFinishEventId: task.eventId,
      requestId: randomUUID(),
      reason: 'test',
    });
    await callOff(id);
    await settled(id);
    await waitFor(async () => (await reconcile('shallow')).runs === 2);
    await world.count(world.repaired);
    await isWorth();
  });

  it('counts where the ledger alone knows that it was announced before it was terminated', async () => {
    let announced = () => {};
    const orderId = randomUUID();
    world.announcing.set(orderId, new Promise(resolve => (announced = resolve)));
    const [id] = await world.start([{ orderId, products: tea() }]);
    await waitFor(() => world.captured([id!]).some(isRevenue), 'the announcement to begin');
    await terminate(id!);
    announced();
    await world.untilClosed([id!]);
    await waitFor(async () => (await reconcile('shallow')).runs > 0);
    await world.count(world.repaired);
    expect((await reconcile('shallow')).revenue).toEqual([]);
    await world.count(world.captured([id!]));
    await isWorth();
  });

  it('has what it never did named in the time in which that lies, by the deep pass, and only there', async () => {
    const id = await confirmedOrder();
    const captured = world.captured([id]);
    const latency = captured.find(record => idOf(record).startsWith('order-latency@'))!;
    const forged = {
      ...latency,
      headers: { ...latency.headers, ce_id: idOf(latency).replace('Confirmed', 'Rejected') },
    };
    await world.count([...captured, forged]);
    expect((await reconcile('shallow')).findings).toEqual([]);
    expect(found(await reconcile('deep'))).toEqual([`unexplained ${idOf(forged)}`]);
    begin = end;
    await terminate(id);
    await settled(id);
    expect((await reconcile('deep')).findings).toEqual([]);
  });
});

describe('what the ledger has forgotten by now', () => {
  it('is neither published again nor doubted, and is in no sum', async () => {
    await run([{}], eventsOfConfirmed);
    // An hour before that is over, the ledger is no longer asked.
    const keepMs = 3_600_000;
    for (const depth of ['shallow', 'deep'] as const) {
      const report = await reconcile(depth, false, { keepMs });
      expect(report).toMatchObject({ runs: 1, histories: 1, findings: [], revenue: [] });
    }
    expect(world.repaired).toEqual([]);
  });
});

describe('refusals', () => {
  it('are held against their register, both ways', async () => {
    const at = Date.now();
    const digest = randomUUID();
    const refusal = {
      originDigest: digest,
      kind: 'DuplicateOrder',
      orderId: 'a',
      synthetic: true,
      at,
    };
    await registerRefusals(world.database.pool, [refusal]);
    const report = await reconcile('shallow');
    expect(found(report)).toEqual([`repaired inventory-errors@1:refused:${digest}`]);
    const [record] = world.repaired;
    expect(JSON.parse(String(record!.value)).metadata).toContainEqual({
      name: 'synthetic',
      value: true,
    });
    const stranger = {
      ...record!,
      headers: { ...record!.headers, ce_id: 'inventory-errors@1:refused:none' },
    };
    await world.count([record!, stranger]);
    expect(found(await reconcile('shallow'))).toEqual([
      'unexplained inventory-errors@1:refused:none',
    ]);
  });
});
