/** From the rows of the ledger to the figures of a window; pure. */
import type { Formula, Statistic } from '../kpi/definition';
import { Histogram } from '../kpi/histogram';
import type { Span } from '../kpi/spans';
import type { WindowState } from '../kpi/windows';
import type { FigureRow, Slice } from '../postgres/ledgerReport';

/** What a window says. No figure is null because it is zero: null is what is not known, or not defined. */
export interface KpiWindow {
  /** RFC 3339, UTC; `end` is not part of it. */
  readonly start: string;
  readonly end: string;
  readonly state: WindowState;
  /** Grows with each change that came after the window was over. */
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
  /** The share of good events, or of a derived KPI its figure. */
  readonly ratio: number | null;
}

type Figures = Omit<KpiWindow, 'start' | 'end' | 'state' | 'revision' | 'slice'>;

const shares = [0.5, 0.9, 0.95, 0.99];

const unknown: Figures = {
  count: null,
  sum: null,
  min: null,
  max: null,
  avg: null,
  p50: null,
  p90: null,
  p95: null,
  p99: null,
  ratio: null,
};

const nothing: Figures = { ...unknown, count: 0, sum: 0 };

type Placed = Pick<KpiWindow, 'state' | 'slice'> & { readonly span: Span };

/** A window over events that the ledger has counted; `row` is absent where there are none. */
export function windowOf(formula: Formula, placed: Placed, row: FigureRow | undefined): KpiWindow {
  const figures = placed.state === 'missing' ? unknown : figuresOf(formula, row);
  return { ...frameOf(placed, row?.revision ?? 0), ...figures };
}

/** A window of a KPI that is made of others. */
export const ratioWindow = (placed: Placed, revision: number, ratio: number | null): KpiWindow => ({
  ...frameOf(placed, revision),
  ...unknown,
  ratio,
});

const frameOf = ({ span, state, slice }: Placed, revision: number) => ({
  start: new Date(span.from).toISOString(),
  end: new Date(span.until).toISOString(),
  state,
  revision,
  slice,
});

function figuresOf(formula: Formula, row: FigureRow | undefined): Figures {
  if (row === undefined || row.count === 0) return nothing;
  const { count, sum, min, max, good, histograms } = row;
  const [p50, p90, p95, p99] = Histogram.decodeSum(histograms)
    .quantiles(shares)
    .map(value => within(value, min, max));
  const avg = sum / count;
  return {
    count,
    sum,
    min,
    max,
    avg,
    p50: p50!,
    p90: p90!,
    p95: p95!,
    p99: p99!,
    ratio: tellsGood(formula) ? good / count : formula.kind === 'ratio' ? avg : null,
  };
}

const tellsGood = (formula: Formula): boolean => 'good' in formula && formula.good !== undefined;

/** A bucket's value stands for all of the bucket, and may lie beyond the extremes, which are exact. */
const within = (value: number, min: number | null, max: number | null): number =>
  Math.min(max ?? value, Math.max(min ?? value, value));

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
