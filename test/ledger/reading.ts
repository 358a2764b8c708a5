/** What the tests that read figures have in common. */
import type { KpiWindow } from '../../src/ledger/figures';
import type { KpiQuery } from '../../src/ledger/read';
import type { Finding } from '../../src/postgres/findings';
import { type TestKpi, testKpi } from './events';

export const second = 1_000;
export const minute = 60 * second;
export const hour = 60 * minute;
export const day = 24 * hour;
export const noon = Date.parse('2026-01-31T12:00:00Z');

/** A KPI of failed attempts by channel, fed by the order workers alone. */
export const attemptsKpi = (changes: Readonly<Record<string, string>> = {}): TestKpi =>
  testKpi({
    observes: '[{ occurrence: attempt-failed, value: attempt }]',
    dimensions: '[{ name: failure, bound: 50 }, { name: channel, from: taskQueue, bound: 20 }]',
    effectiveFrom: '2020-01-01',
    target: '{ statistic: p95, atMost: 2 }',
    thresholds: '[{ above: 5, windows: 1, severity: page }]',
    ...changes,
  });

export const query = (kpi: string, changes: Partial<KpiQuery> = {}): KpiQuery => ({
  kpi,
  from: noon,
  until: noon + 3 * minute,
  windowMs: minute,
  now: noon + day,
  ...changes,
});

export const statesOf = (windows: readonly KpiWindow[]) => windows.map(({ state }) => state);

export const finding = (id: string, at: number, verdict: Finding['verdict']): Finding => ({
  ...{ eventId: id, verdict, kpi: id.split('@')[0]!, occurrence: 'milestone', at },
  detail: "it is not in its workflow's history",
});
