/** What reconciliation found, as text for people; pure. */
import { currencyOf } from '../../domain/currencies';
import { formatMoney } from '../../domain/money';
import type { ParityRow } from '../../postgres/reconciliation';
import type { SpanReport } from '../../watcher/reconciler';
import { table } from '../terminal/output';

type Summed = 'runs' | 'histories' | 'matched' | 'repaired' | 'unexplained';

export function sumOf(reports: readonly SpanReport[], what: Summed): number {
  return reports.reduce(
    (sum, report) =>
      sum +
      (what === 'runs' || what === 'histories'
        ? report[what]
        : report.parity.reduce((total, row) => total + row[what], 0)),
    0,
  );
}

/** Figures first, then each event that stood out, then the money. */
export function describeReports(reports: readonly SpanReport[]): string {
  const parts = [
    `${sumOf(reports, 'runs')} closed workflows, of which ${sumOf(reports, 'histories')} by their history.`,
    parityTable(reports.flatMap(({ parity }) => parity)),
    findingsTable(reports),
    revenueTable(reports),
  ];
  return parts.filter(part => part !== '').join('\n\n');
}

function parityTable(rows: readonly ParityRow[]): string {
  if (rows.length === 0) return 'Nothing to compare.';
  const head = ['HOUR (UTC)', 'KPI', 'OCCURRENCE', 'MATCHED', 'REPAIRED', 'UNEXPLAINED', 'PARITY'];
  const lines = rows.map(row => [
    new Date(row.hour).toISOString().slice(0, 16).replace('T', ' '),
    row.kpi,
    row.occurrence,
    ...[row.matched, row.repaired, row.unexplained].map(String),
    parityOf(row),
  ]);
  return table([head, ...lines], new Set([3, 4, 5, 6]));
}

/** The share that was counted at the first go; rounded down, since only a whole one may look whole. */
function parityOf({ matched, repaired, unexplained }: ParityRow): string {
  const share = matched / (matched + repaired + unexplained);
  return (Math.floor(share * 10_000) / 10_000).toFixed(4);
}

/** As many as a screen holds. */
const mostFindings = 25;

function findingsTable(reports: readonly SpanReport[]): string {
  const findings = reports.flatMap(report => report.findings);
  if (findings.length === 0) return '';
  // What nobody can explain is what somebody has to look at.
  const worstFirst = [...findings].sort((a, b) => b.verdict.localeCompare(a.verdict));
  const lines = table(
    worstFirst.slice(0, mostFindings).map(finding => [
      finding.verdict,
      finding.eventId,
      finding.detail,
    ]),
  );
  const more = findings.length - mostFindings;
  return more > 0 ? `${lines}\n... and ${more} more; --json lists them all` : lines;
}

function revenueTable(reports: readonly SpanReport[]): string {
  const rows = reports.flatMap(({ revenue }) => revenue);
  if (rows.length === 0) return '';
  const head = ['REVENUE OF', 'ORDERS', 'LEDGER', 'TEMPORAL', 'POSTGRES'];
  const lines = rows.map(({ hour, currency, orders, ledger, temporal, postgres }) => {
    const money = (amount: bigint) => formatMoney(Number(amount), currencyOf(currency));
    const when = new Date(hour).toISOString().slice(0, 16).replace('T', ' ');
    return [when, String(orders), ...[ledger, temporal, postgres].map(money)];
  });
  return table([head, ...lines], new Set([1, 2, 3, 4]));
}
