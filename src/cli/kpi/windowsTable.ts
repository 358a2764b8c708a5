/** Windows of a KPI as text for people; pure. */
import type { Formula, KpiDefinition } from '../../kpi/definition';
import { growsWithTime } from '../../kpi/judgement';
import { amountInWords, differenceInWords, spanInWords, statisticInWords } from '../../kpi/words';
import type { Comparison } from '../../ledger/compare';
import type { KpiWindow } from '../../ledger/figures';
import type { DoubtedWindow } from '../../ledger/unexplained';
import { table } from '../terminal/output';

type Column = 'count' | 'sum' | 'avg' | 'min' | 'max' | 'p50' | 'p90' | 'p95' | 'p99' | 'ratio';

/** What is worth a look; `--json` prints everything. */
const columnsOf: Readonly<Record<Formula['kind'], readonly Column[]>> = {
  count: ['count'],
  sum: ['count', 'sum', 'avg', 'min', 'max'],
  ratio: ['count', 'ratio'],
  distribution: ['count', 'avg', 'p50', 'p90', 'p95', 'p99', 'min', 'max'],
  gauge: ['avg', 'min', 'max'],
  derived: ['ratio'],
};

const heads: Readonly<Record<Column, string>> = {
  count: 'COUNT',
  sum: 'SUM',
  avg: 'AVERAGE',
  min: 'MINIMUM',
  max: 'MAXIMUM',
  p50: 'P50',
  p90: 'P90',
  p95: 'P95',
  p99: 'P99',
  ratio: 'RATIO',
};

/** One row per window: its start in UTC, its slice, its state, its figures. */
export function windowsTable({ formula }: KpiDefinition, windows: readonly KpiWindow[]): string {
  const dimensions = [...new Set(windows.flatMap(({ slice }) => Object.keys(slice)))];
  const hasGood = 'good' in formula && formula.good !== undefined;
  const columns = [...columnsOf[formula.kind], ...(hasGood ? ['ratio' as const] : [])];
  const texts = ['START (UTC)', ...dimensions.map(name => name.toUpperCase()), 'STATE'];
  const rows = windows.map(window => [
    clock(window.start),
    ...dimensions.map(name => String(window.slice[name] ?? '-')),
    window.state,
    ...columns.map(column => figure(window[column])),
    String(window.revision),
  ]);
  const right = new Set([...columns, 'revision'].map((_, place) => texts.length + place));
  return table([[...texts, ...columns.map(column => heads[column]), 'REVISION'], ...rows], right);
}

/** How the whole time compares with the target and with the time before. */
export function comparisonLine(definition: KpiDefinition, whole: Comparison): string {
  const { formula } = definition;
  const { statistic } = definition.target;
  const amount = (value: number) => amountInWords(round(value), statistic, formula);
  const sliceName = Object.values(whole.slice)
    .map(value => `${value}: `)
    .join('');
  const aim = aimInWords(definition);
  const name = statisticInWords(statistic, formula);
  if (whole.value === null) return `${sliceName}${name} not known (${whole.state}), ${aim}`;
  const line = `${sliceName}${name} ${amount(whole.value)} (${whole.state}), ${aim}: ${verdictOf(whole)}`;
  if (whole.previous === null || whole.delta === null) return `${line}; not known before`;
  const sign = whole.delta > 0 ? '+' : '';
  const delta = differenceInWords(round(whole.delta), statistic, formula);
  return `${line}; ${amount(whole.previous)} before (${sign}${delta})`;
}

/** A number or sum grows with the time, so its target tells of how long a time it is. */
function aimInWords({ target, formula, window }: KpiDefinition): string {
  const { statistic, atMost, atLeast } = target;
  const side = atMost === undefined ? 'at least' : 'at most';
  const amount = amountInWords(round(atMost ?? atLeast ?? 0), statistic, formula);
  return `target ${side} ${amount}${growsWithTime(statistic) ? ` in ${spanInWords(window)}` : ''}`;
}

function verdictOf({ met }: Comparison): string {
  if (met === null) return 'not judged over another time';
  return met ? 'met' : 'missed';
}

const mostNamed = 5;

/** Which windows hold what reconciliation could not explain. @param doubted at least one */
export function doubtLine(doubted: readonly DoubtedWindow[]): string {
  const events = doubted.reduce((sum, window) => sum + window.events, 0);
  const named = doubted.slice(0, mostNamed).map(({ start }) => clock(start));
  const more = doubted.length - named.length;
  const windows = `${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  return `Unexplained by Temporal's record: ${events} of the events counted, in ${windows}. orderly kpi reconcile names them.`;
}

const clock = (time: string): string => time.slice(0, 16).replace('T', ' ');

const figure = (value: number | null): string => (value === null ? '-' : String(round(value)));

/** Three decimals are milliseconds, where the unit is seconds; a small figure keeps three digits. */
export const round = (value: number): number =>
  Math.abs(value) >= 1 ? Number(value.toFixed(3)) : Number(value.toPrecision(3));
