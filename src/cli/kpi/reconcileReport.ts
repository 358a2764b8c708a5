/** What reconciliation found, as text for people; pure. */
import { currencyOf } from '../../domain/currencies';
import { formatMoney } from '../../domain/money';
import type { Finding } from '../../postgres/findings';
import type { ParityRow } from '../../postgres/parity';
import type { RevenueRow } from '../../postgres/reconciliation';
import type { PassReport } from '../../watcher/passes';
import type { SpanReport } from '../../watcher/reconciler';
import { table } from '../terminal/output';

export const sumOf = (
  { parity }: SpanReport,
  what: 'matched' | 'repaired' | 'unexplained',
): number => parity.reduce((sum, row) => sum + row[what], 0);

/** Figures first, then each event that stood out, then the money. */
export function describeReport(report: PassReport): string {
  const { judged, runs, histories, parity, findings, revenue } = report;
  const parts = [
    `${judgedText(judged)}\n${runs} closed workflows; ${histories} histories read.`,
    parityTable(parity),
    findingsTable(findings),
    revenueTable(revenue),
  ];
  return parts.filter(part => part !== '').join('\n\n');
}

/** What a pass has looked at. */
export function judgedText({ from, to }: PassReport['judged']): string {
  if (from >= to) return 'Nothing of that time can be judged: it is too young, or forgotten.';
  const [begin, end] = [from, to].map(at => new Date(at).toISOString());
  return `What closed from ${begin} until ${end}:`;
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

function findingsTable(findings: readonly Finding[]): string {
  if (findings.length === 0) return '';
  // What nobody can explain is what somebody has to look at.
  const worstFirst = [...findings].sort((a, b) => b.verdict.localeCompare(a.verdict));
  const lines = table(
    worstFirst
      .slice(0, mostFindings)
      .map(finding => [finding.verdict, finding.eventId, finding.detail]),
  );
  const more = findings.length - mostFindings;
  return more > 0 ? `${lines}\n... and ${more} more; --json lists them all` : lines;
}

function revenueTable(rows: readonly RevenueRow[]): string {
  if (rows.length === 0) return '';
  const head = ['REVENUE OF', 'ORDERS', 'LEDGER', 'TEMPORAL', 'POSTGRES'];
  const lines = rows.map(({ hour, currency, orders, ledger, temporal, postgres }) => {
    const money = (amount: bigint) => moneyText(amount, currency);
    const when = new Date(hour).toISOString().slice(0, 16).replace('T', ' ');
    return [when, String(orders), ...[ledger, temporal, postgres].map(money)];
  });
  return table([head, ...lines], new Set([1, 2, 3, 4]));
}

/** What the ledger was told to count may be in a currency that there is not. */
function moneyText(amount: bigint, code: string): string {
  try {
    return formatMoney(Number(amount), currencyOf(code));
  } catch {
    return `${amount} minor units of ${code || 'no currency'}`;
  }
}
