import type { ParityRow } from '../postgres/parity';
import type { RevenueRow } from '../postgres/reconciliation';
import type { SpanReport } from './reconciler';

/** One report over several spans: rows of the same hour, which spans may share, are added up. */
export function sumOfReports(reports: readonly SpanReport[]): SpanReport {
  const rows = <Row>(of: (report: SpanReport) => readonly Row[]): Row[] => reports.flatMap(of);
  const count = (of: 'runs' | 'histories') => reports.reduce((sum, report) => sum + report[of], 0);
  return {
    runs: count('runs'),
    histories: count('histories'),
    parity: merged(
      rows(({ parity }) => parity),
      ({ hour, kpi, occurrence }) => `${hour} ${kpi} ${occurrence}`,
      addParity,
    ),
    findings: rows(({ findings }) => findings),
    explained: rows(({ explained }) => explained),
    revenue: merged(
      rows(({ revenue }) => revenue),
      ({ hour, currency }) => `${hour} ${currency}`,
      addRevenue,
    ),
  };
}

/** Rows with the same key become one, in the place of the first. */
function merged<Row>(
  rows: readonly Row[],
  keyOf: (row: Row) => string,
  add: (a: Row, b: Row) => Row,
) {
  const byKey = new Map<string, Row>();
  for (const row of rows) {
    const known = byKey.get(keyOf(row));
    byKey.set(keyOf(row), known === undefined ? row : add(known, row));
  }
  return [...byKey.values()];
}

const addParity = (a: ParityRow, b: ParityRow): ParityRow => ({
  ...a,
  matched: a.matched + b.matched,
  repaired: a.repaired + b.repaired,
  unexplained: a.unexplained + b.unexplained,
});

const addRevenue = (a: RevenueRow, b: RevenueRow): RevenueRow => ({
  ...a,
  orders: a.orders + b.orders,
  ledger: a.ledger + b.ledger,
  temporal: a.temporal + b.temporal,
  postgres: a.postgres + b.postgres,
});
