/** Small pieces of plain English for what definitions say in symbols. */
import type { Formula, Statistic } from './definition';
import { durationMs } from './duration';

/** `a, b or c` */
export function listed(items: readonly string[], last: 'and' | 'or' = 'or'): string {
  if (items.length < 2) return items.join('');
  return `${items.slice(0, -1).join(', ')} ${last} ${items.at(-1)}`;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** `15 minutes`, `1 hour`, `28 days`: `times` spans such as `1m`. */
export function spanInWords(duration: string, times = 1): string {
  const ms = durationMs(duration) * times;
  if (ms % dayMs === 0) return numbered(ms / dayMs, 'day');
  return ms % hourMs === 0 ? numbered(ms / hourMs, 'hour') : numbered(ms / minuteMs, 'minute');
}

const numbered = (count: number, unit: string): string =>
  `${count} ${unit}${count === 1 ? '' : 's'}`;

const statisticWords: Readonly<Record<Statistic, string>> = {
  count: 'number of events',
  sum: 'sum',
  sumPerMinute: 'sum per minute',
  average: 'average',
  minimum: 'minimum',
  maximum: 'maximum',
  p50: 'median',
  p90: '90th percentile',
  p95: '95th percentile',
  p99: '99th percentile',
  ratio: 'share',
};

export const statisticInWords = (statistic: Statistic, { kind }: Formula): string =>
  kind === 'derived' ? 'value' : statisticWords[statistic];

/** A figure with what it is a figure of: `2 seconds`, `99 %`, `100 events`. */
export function amountInWords(value: number, statistic: Statistic, formula: Formula): string {
  if (statistic === 'count') return `${value} events`;
  return isShare(statistic, formula) ? percent(value) : `${decimal(value)} ${formula.unit}`;
}

/** By how much two figures differ; from 2 % to 3 % it is 1 percentage point, which is half as much again. */
export function differenceInWords(value: number, statistic: Statistic, formula: Formula): string {
  if (!isShare(statistic, formula)) return amountInWords(value, statistic, formula);
  return percent(value).replace('%', 'percentage points');
}

const isShare = (statistic: Statistic, { kind, unit }: Formula): boolean =>
  kind === 'derived' ? unit === 'share' : statistic === 'ratio';

/** Without an exponent, which small prices would have. */
export const decimal = (value: number): string =>
  value.toLocaleString('en', { maximumFractionDigits: 12, useGrouping: false });

/** Six decimals are more than any share is given with, and less than where floating point shows. */
export const percent = (share: number): string => `${Number((share * 100).toFixed(6))} %`;
