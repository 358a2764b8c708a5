/** From the rows of the ledger to the figures of a window; pure. */
import type { Formula, Statistic } from '../kpi/definition';
import type { WindowState } from '../kpi/windows';
import type { Slice, Weight } from '../postgres/ledgerReport';
import type { FigureRow } from '../postgres/packedFigures';
import type { WindowSpan } from './windowSpans';

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

/** Where figures belong. */
export interface Placed {
  readonly span: WindowSpan;
  readonly state: WindowState;
  readonly slice: Slice;
}

/**
 * A window over events that the ledger has counted. Written out field by field, here and below, because a
 * month of windows is put together ten times as fast as by spreading objects.
 */
export const windowBy =
  (formula: Formula) =>
  ({ span, state, slice }: Placed, row: FigureRow): KpiWindow => {
    const { count, sum, min, max } = row;
    // All that was counted may have been taken away again.
    if (count === 0) return emptyWindow({ span, state, slice }, row.revision);
    const percentiles = row.quantiles(shares);
    return {
      start: span.start,
      end: span.end,
      state,
      revision: row.revision,
      slice,
      count,
      sum,
      min,
      max,
      avg: sum / count,
      p50: within(percentiles[0]!, min, max),
      p90: within(percentiles[1]!, min, max),
      p95: within(percentiles[2]!, min, max),
      p99: within(percentiles[3]!, min, max),
      ratio: ratioOf(formula, row),
    };
  };

const shares = [0.5, 0.9, 0.95, 0.99];

/** A bucket's value stands for all of the bucket, and may lie beyond the extremes, which are exact. */
const within = (percentile: number, min: number, max: number): number =>
  Math.min(max, Math.max(min, percentile));

/** A window of which nothing is counted: known to be zero, unless it is missing. */
export function emptyWindow({ span, state, slice }: Placed, revision = 0): KpiWindow {
  const zero = state === 'missing' ? null : 0;
  return {
    start: span.start,
    end: span.end,
    state,
    revision,
    slice,
    count: zero,
    sum: zero,
    min: null,
    max: null,
    avg: null,
    p50: null,
    p90: null,
    p95: null,
    p99: null,
    ratio: null,
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
