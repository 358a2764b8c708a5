import { asBlock, asLine, type Snapshot } from '../../../src/cli/demo/view';
import type { KpiWindow } from '../../../src/ledger/figures';
import { catalogueOf, definitionYaml } from '../../kpi/samples';

const snapshot: Snapshot = {
  seconds: 3_725,
  received: 412,
  confirmed: 341,
  rejected: 38,
  cancelled: 4,
  duplicates: 21,
  deadLettered: 40,
  awaitingApproval: 91,
  backOrdered: 92,
  inPicking: 93,
  decided: { approved: 98, rejected: 99 },
  split: 100,
  shipped: 94,
  refusedNews: 95,
  notices: 96,
  money: {
    authorized: 1,
    captured: 123_456_789_012,
    voided: 1,
    refunded: 4_250,
    held: 777,
    declined: 101,
    failovers: 97,
  },
  latency: { count: 383, average: 0.041, p95: 0.0924, maximum: 0.21 },
  inventoryErrorsLastMinute: 12,
  lag: 3,
  kpis: [],
  parity: { matched: 5_021, repaired: 17, unexplained: 0 },
};

const [definition] = catalogueOf(definitionYaml({ name: 'order-latency' })).definitions;

const windows = Array.from(
  { length: 30 },
  (): KpiWindow => ({
    ...{ start: '2026-01-31T12:00:00.000Z', end: '2026-01-31T12:01:00.000Z', revision: 0 },
    ...{ state: 'no-traffic', slice: {}, count: 1, sum: 0, min: 0, max: 0, avg: 0 },
    ...{ p50: 0, p90: 0, p95: 0, p99: 0, ratio: 0 },
  }),
);

describe('the live view', () => {
  it('shows every figure, on a terminal as in a log', () => {
    for (const text of [asLine(snapshot), asBlock(snapshot, 'http://ui').join('\n')]) {
      const figures = [
        '412',
        '341',
        '38',
        '21',
        '40',
        '0.041 s',
        '0.092 s',
        '0.210 s',
        '12',
        '3',
        '5021',
        '91',
        '92',
        '93',
        '94',
        '95',
        '96',
        '97',
        '98',
        '100',
        '101',
        '1234567890.12 EUR',
        '42.50 EUR',
        '7.77 EUR',
        '17',
      ];
      for (const figure of figures) expect(text).toMatch(new RegExp(`\\b${figure}\\b`));
      expect(text).toContain('01:02:05');
    }
  });

  it('fits a terminal of 80 columns and 24 rows, one of them for the cursor, with a link of two', () => {
    const kpi = { definition: definition!, fed: true, windows };
    const lines = asBlock({ ...snapshot, kpis: [kpi, kpi, kpi, kpi] }, 'http://ui');
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
    expect(lines.length + 1).toBeLessThanOrEqual(23);
    expect(lines.filter(line => line.includes('▁'))).toHaveLength(4);
  });

  it('tells in a log, too, how each KPI stands', () => {
    const kpi = { definition: definition!, fed: true, windows };
    expect(asLine({ ...snapshot, kpis: [kpi] })).toContain(', order-latency 0 errors no-traffic, ');
    expect(asLine({ ...snapshot, kpis: [{ ...kpi, fed: false }] })).toContain(
      ', order-latency - not fed yet, ',
    );
  });

  it('has as many lines before the first order as later, so that it can be drawn in place', () => {
    const before = { ...snapshot, latency: undefined, lag: undefined, money: undefined };
    expect(asBlock(before, 'http://ui')).toHaveLength(asBlock(snapshot, 'http://ui').length);
    expect(asLine(before)).toContain('latency average - p95 - maximum -');
  });
});
