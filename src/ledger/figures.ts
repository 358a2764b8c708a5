/** From the rows of the ledger to the figures of a window; pure. */
import type { Formula, Statistic } from '../kpi/definition';
import { Histogram } from '../kpi/histogram';
import type { Span } from '../kpi/spans';
import type { WindowState } from '../kpi/windows';
import type { Slice, Weight } from '../postgres/ledgerReport';
import type { FigureRow } from '../postgres/packedFigures';

/** What a window says. No figure is null because it is zero: null is what is not known, or not defined. */
export interface KpiWindow {
  /** RFC 3339, UTC; `end` is not part of it. */
  readonly start: string;
  readonly end: string;
  readonly state: WindowState;
  /**
   * How many changes came after their minute was over: those after the window was over raise it, too, and of
   * a longer window those of minutes that are over while it goes on.
   */
  readonly revision: number;
  /** Value by dimension; those that were asked for, and those whose values never add up. */
  readonly slice: Slice;
  readonly count: number | null;
  readonly sum: number | null;
  readonly min: number | null;
  readonly max: number | null;
  readonly avg: number | null;
  /** Percentiles by nearest rank, to 1.1 %. */
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  /** The share of good events, of a sum by their values; of a derived KPI its figure. */
  readonly ratio: number | null;
}

const shares = [0.5, 0.9, 0.95, 0.99];

const nothing: readonly number[] = [];

/** Where figures belong. */
export interface Placed {
  readonly span: WindowSpan;
  readonly state: WindowState;
  readonly slice: Slice;
}

/** A window's time, in numbers and in words. */
export interface WindowSpan extends Span {
  readonly start: string;
  readonly end: string;
}

/**
 * A window over events that the ledger has counted; `row` is absent where there are none. Written out
 * field by field, because a month of windows is put together ten times as fast as by spreading objects.
 */
export function windowOf(
  formula: Formula,
  { span, state, slice }: Placed,
  row: FigureRow | undefined,
): KpiWindow {
  const isKnown = state !== 'missing';
  const events = isKnown && row !== undefined && row.count > 0 ? row : undefined;
  const percentiles = events ? percentilesOf(events) : nothing;
  return {
    start: span.start,
    end: span.end,
    state,
    revision: row?.revision ?? 0,
    slice,
    count: isKnown ? (events?.count ?? 0) : null,
    sum: isKnown ? (events?.sum ?? 0) : null,
    min: events?.min ?? null,
    max: events?.max ?? null,
    avg: events ? events.sum / events.count : null,
    p50: percentiles[0] ?? null,
    p90: percentiles[1] ?? null,
    p95: percentiles[2] ?? null,
    p99: percentiles[3] ?? null,
    ratio: events ? ratioOf(formula, events) : null,
  };
}

/** A window of a KPI that is made of others. */
export const ratioWindow = (
  { span, state, slice }: Placed,
  revision: number,
  ratio: number | null,
): KpiWindow => ({
  start: span.start,
  end: span.end,
  state,
  revision,
  slice,
  count: null,
  sum: null,
  min: null,
  max: null,
  avg: null,
  p50: null,
  p90: null,
  p95: null,
  p99: null,
  ratio,
});

/** A bucket's value stands for all of the bucket, and may lie beyond the extremes, which are exact. */
function percentilesOf({ histograms, count, min, max }: FigureRow): readonly number[] {
  const percentiles = Histogram.quantilesOf(histograms, count, shares);
  for (let place = 0; place < percentiles.length; place++) {
    percentiles[place] = Math.min(max, Math.max(min, percentiles[place]!));
  }
  return percentiles;
}

function ratioOf(formula: Formula, { good, sum, count }: FigureRow): number | null {
  if (formula.kind === 'ratio') return sum / count;
  if (!('good' in formula) || formula.good === undefined) return null;
  const whole = weightOf(formula) === 'sum' ? sum : count;
  return whole === 0 ? null : good / whole;
}

/** What makes up the share of good events: their values, where values are what the KPI adds up. */
export const weightOf = ({ kind }: Formula): Weight => (kind === 'sum' ? 'sum' : 'count');

/** The figure that a target names. @param minutes how long the window is */
export function statisticOf(
  window: KpiWindow,
  statistic: Statistic,
  minutes: number,
): number | null {
  switch (statistic) {
    case 'sumPerMinute':
      return window.sum === null ? null : window.sum / minutes;
    case 'average':
      return window.avg;
    case 'minimum':
      return window.min;
    case 'maximum':
      return window.max;
    default:
      return window[statistic];
  }
}
