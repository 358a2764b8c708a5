import { readKpiCatalogue } from '../../src/kpiCatalogue';
import { createReader } from '../../src/ledger/readEvent';
import { valueFault } from '../../src/ledger/values';
import { asIncoming, eventRecord, testKpi } from './events';

const catalogue = readKpiCatalogue();
const below = -(2 ** 53);

describe('the values that a KPI can have', () => {
  it.each([
    { kpi: 'order-success', takes: [0, 1], refuses: [0.5, 2, -1] },
    { kpi: 'failed-attempts', takes: [1], refuses: [0, 2, 0.5, -1] },
    {
      kpi: 'revenue',
      takes: [0, 1999, Number.MAX_SAFE_INTEGER],
      refuses: [1.7e308, 1e300, 2 ** 53, -5_000, 0.5],
    },
    { kpi: 'order-latency', takes: [0, 0.125, 2 ** 53], refuses: [-0.001, 1e300] },
    { kpi: 'compute-time', takes: [0, 0.25], refuses: [-1, 1e300] },
    { kpi: 'data-freshness', takes: [0, 1.5, -1.5, below], refuses: [2 * below, 1e300] },
  ])('are of $kpi $takes, and none of $refuses', ({ kpi, takes, refuses }) => {
    const faultOf = valueFault(catalogue.find(kpi, 1)!);
    expect(takes.filter(value => faultOf(value) !== undefined)).toEqual([]);
    expect(refuses.filter(value => faultOf(value) === undefined)).toEqual([]);
    expect(faultOf(Number.NaN)).toMatch(/^must be /);
    expect(faultOf(Number.POSITIVE_INFINITY)).toMatch(/^must be /);
  });

  it('are below zero where the definition says so itself', () => {
    const [definition] = testKpi({
      formula: '{ kind: sum, metric: test_errors, unit: errors }',
      observes: '[{ occurrence: milestone, value: -1 }]',
      dimensions: '[]',
      target: '{ statistic: sum, atMost: 1 }',
    }).catalogue.definitions;
    expect(valueFault(definition!)(-1)).toBeUndefined();
  });

  it('are all that is taken: an event with another is wrong in its value', () => {
    const kpi = testKpi();
    const at = Date.now();
    const record = asIncoming(eventRecord(kpi, { id: 'e', at, value: 1e300 }));
    expect(() => createReader(kpi.catalogue)(record, { oldest: at, newest: at })).toThrow(
      expect.objectContaining({
        code: 'MessageInvalid',
        parameters: expect.objectContaining({ path: 'value' }),
      }),
    );
  });
});
