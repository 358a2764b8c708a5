import fc from 'fast-check';
import { decisionEvents } from '../../src/domain/orderAnnouncement';
import { derive } from '../../src/kpi/derive';
import type { MilestoneReached, WorkflowClosed } from '../../src/kpi/occurrence';
import { type ClosedRun, provedBy } from '../../src/watcher/closedRuns';
import { catalogueOf, definitionYaml } from '../kpi/samples';
import { releasedKpis } from '../support/releasedKpis';

const catalogue = releasedKpis(
  ...['order-duration@1', 'order-latency@1', 'order-success@1', 'order-success@2'],
  ...['revenue@1', 'shipment-duration@1'],
);

const row = (changes: Partial<ClosedRun> = {}): ClosedRun => ({
  workflowId: 'order-a',
  runId: 'r',
  workflowType: 'order',
  taskQueue: 'orders',
  status: 'COMPLETED',
  startedAt: Date.parse('2026-03-01T00:00:00Z'),
  closedAt: Date.parse('2026-03-01T00:00:02Z'),
  synthetic: false,
  order: { status: 'confirmed', total: 500, currency: 'EUR', channel: 'web', region: 'US-CA' },
  ...changes,
});

describe('a row of visibility', () => {
  it.each(['TERMINATED', 'TIMED_OUT', 'FAILED', 'CANCELED'])(
    'proves nothing of a run that is %s: its history tells',
    status => {
      expect(provedBy(catalogue, row({ status }))).toBeUndefined();
    },
  );

  it('proves nothing of what is no order, or an order that never came to its decision', () => {
    expect(provedBy(catalogue, row({ order: undefined }))).toBeUndefined();
    const order = { ...row().order!, status: 'received' as const };
    expect(provedBy(catalogue, row({ order }))).toBeUndefined();
  });

  it('proves that a run which continued as new closed nothing', () => {
    expect(provedBy(catalogue, row({ status: 'CONTINUED_AS_NEW' }))).toEqual([]);
  });

  it('proves nothing of an order across which another version took effect: its history tells', () => {
    const versions = ['2026-01-01', '2026-03-01T00:00:01Z'].map((effectiveFrom, i) =>
      definitionYaml({
        name: 'sales',
        version: String(i + 1),
        effectiveFrom,
        formula: '{ kind: sum, metric: sales, unit: cents }',
        observes: '[{ occurrence: milestone, value: total }]',
        dimensions: '[{ name: currency, bound: 3 }]',
      }),
    );
    const sales = catalogueOf(...versions);
    expect(provedBy(sales, row())).toBeUndefined();
    expect(provedBy(sales, row({ closedAt: row().startedAt }))).toHaveLength(1);
  });

  it('proves only what follows whatever it does not tell', () => {
    fc.assert(
      fc.property(
        fc.record({
          status: fc.constantFrom('confirmed' as const, 'rejected' as const, 'cancelled' as const),
          total: fc.option(fc.integer({ min: 0, max: 10_000 }), { nil: undefined }),
          seconds: fc.integer({ min: 0, max: 1_000 }),
          unknownProducts: fc.integer({ min: 0, max: 5 }),
          synthetic: fc.boolean(),
        }),
        ({ status, total, seconds, unknownProducts, synthetic }) => {
          const order = { ...row().order!, status, total };
          const run = row({ order, synthetic });
          const { workflowId, runId, workflowType, taskQueue, startedAt, closedAt: at } = run;
          const common = { workflowId, runId, workflowType, taskQueue, synthetic, seconds, at };
          const closing: WorkflowClosed = {
            ...common,
            occurrence: 'workflow-closed',
            id: 'closed:order-a:r',
            versionAt: startedAt,
            outcome: status,
          };
          const outcomes = new Set(total === undefined ? [status] : [status, 'confirmed' as const]);
          const milestones = [...outcomes].map(
            (outcome): MilestoneReached => ({
              ...common,
              ...order,
              total: outcome === 'confirmed' ? total : undefined,
              occurrence: 'milestone',
              id: `milestone:order-a:${decisionEvents[outcome]}`,
              name: decisionEvents[outcome],
              versionAt: startedAt + 1_000,
              outcome,
              unknownProducts,
            }),
          );
          const really = new Map(
            [closing, ...milestones]
              .flatMap(occurrence => derive(catalogue, occurrence, ''))
              .map(({ id, data }) => [id, data]),
          );
          for (const event of provedBy(catalogue, run)!) {
            const data = really.get(event.id);
            expect(data).toBeDefined();
            expect(data!.metadata).toEqual(
              expect.arrayContaining(
                Object.entries(event.slice).map(([name, value]) => ({ name, value })),
              ),
            );
            if (event.value !== undefined) expect(data!.value).toBe(event.value);
          }
        },
      ),
    );
  });

  it('proves latency, revenue, duration and success of a confirmed order', () => {
    const kpis = provedBy(catalogue, row())!.map(({ kpi }) => kpi);
    expect(kpis.sort()).toEqual(['order-duration', 'order-latency', 'order-success', 'revenue']);
  });

  it('proves that an order was confirmed which was called off or failed after that', () => {
    for (const status of ['cancelled', 'failed', 'completed'] as const) {
      const proved = provedBy(catalogue, row({ order: { ...row().order!, status, total: 1900 } }))!;
      expect(proved.find(({ kpi }) => kpi === 'revenue')).toMatchObject({
        id: 'revenue@1:milestone:order-a:OrderConfirmed',
        value: 1900,
      });
    }
  });

  it('proves that a parcel came to its end, not to which', () => {
    const [event, ...others] = provedBy(
      catalogue,
      row({
        ...{ workflowType: 'shipment', order: undefined },
        startedAt: Date.parse('2026-12-01T00:00:00Z'),
        closedAt: Date.parse('2026-12-01T00:00:02Z'),
      }),
    )!;
    expect(event).toMatchObject({ kpi: 'shipment-duration' });
    expect(event?.slice).toEqual({});
    expect(others).toEqual([]);
  });
});
