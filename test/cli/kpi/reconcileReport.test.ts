import { describeReport, sumOf } from '../../../src/cli/kpi/reconcileReport';
import type { PassReport } from '../../../src/watcher/passes';
import { sumOfReports } from '../../../src/watcher/sumOfReports';

const hour = Date.parse('2026-03-01T10:00:00Z');

const report: PassReport = {
  judged: { from: hour, to: hour + 90_500 },
  runs: 1_000,
  histories: 2,
  parity: [
    {
      hour,
      kpi: 'order-latency',
      occurrence: 'milestone',
      matched: 99_999,
      repaired: 1,
      unexplained: 0,
    },
    { hour, kpi: 'revenue', occurrence: 'milestone', matched: 3, repaired: 0, unexplained: 1 },
  ],
  findings: [
    {
      eventId: 'revenue@1:milestone:order-a:OrderConfirmed',
      verdict: 'unexplained',
      kpi: 'revenue',
      occurrence: 'milestone',
      at: hour,
      detail: 'the value is 499 in the ledger and 500 in Temporal',
    },
  ],
  explained: [],
  revenue: [
    { hour, currency: 'JPY', orders: 2, ledger: 1_999n, temporal: 2_000n, postgres: 2_000n },
  ],
};

describe('what reconciliation found', () => {
  it('is told by hour, KPI and occurrence, with each event that stood out, and the money', () => {
    expect(describeReport(report)).toBe(
      `What closed from 2026-03-01T10:00:00.000Z until 2026-03-01T10:01:30.500Z:
1000 closed workflows; 2 histories read.

HOUR (UTC)        KPI            OCCURRENCE  MATCHED  REPAIRED  UNEXPLAINED  PARITY
2026-03-01 10:00  order-latency  milestone     99999         1            0  0.9999
2026-03-01 10:00  revenue        milestone         3         0            1  0.7500

unexplained  revenue@1:milestone:order-a:OrderConfirmed  the value is 499 in the ledger and 500 in Temporal

REVENUE OF        ORDERS    LEDGER  TEMPORAL  POSTGRES
2026-03-01 10:00       2  1999 JPY  2000 JPY  2000 JPY`,
    );
  });

  it('is told also of money in a currency that there is not', () => {
    const forged = { hour, currency: 'other', orders: 0, ledger: 7n, temporal: 0n, postgres: 0n };
    expect(describeReport({ ...report, revenue: [forged] })).toMatch(
      /10:00 +0 +7 minor units of other +0 minor units of other/,
    );
  });

  it('is told where there was nothing to compare', () => {
    const nothing = { ...sumOfReports([]), judged: { from: hour, to: hour } };
    expect(describeReport(nothing)).toBe(
      'Nothing of that time can be judged: it is too young, or forgotten.\n0 closed workflows; 0 histories read.\n\nNothing to compare.',
    );
  });

  it('adds up over spans, also where two of them share an hour', () => {
    const two = sumOfReports([report, report]);
    expect(two.runs).toBe(2_000);
    expect(two.parity).toHaveLength(2);
    expect(sumOf(two, 'matched')).toBe(2 * 100_002);
    expect(sumOf(two, 'repaired')).toBe(2);
    expect(sumOf(two, 'unexplained')).toBe(2);
    expect(two.findings).toHaveLength(2);
    expect(two.revenue).toEqual([
      { hour, currency: 'JPY', orders: 4, ledger: 3_998n, temporal: 4_000n, postgres: 4_000n },
    ]);
  });
});
