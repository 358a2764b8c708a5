/** Whether a definition's target, thresholds and error budget can be judged, and agree. */
import type { Formula, KpiDefinition, Statistic, Threshold } from './definition';
import { durationMs } from './duration';

export interface Contradiction {
  readonly path: (string | number)[];
  readonly message: string;
}

/** The figures that a formula gives. */
const statisticsOf: Readonly<Record<Formula['kind'], readonly Statistic[]>> = {
  count: ['sum', 'sumPerMinute'],
  sum: ['count', 'sum', 'sumPerMinute', 'average'],
  ratio: ['ratio'],
  distribution: ['count', 'average', 'minimum', 'maximum', 'p50', 'p90', 'p95', 'p99'],
  gauge: ['average', 'minimum', 'maximum'],
  derived: ['ratio'],
};

/** Whether it grows with the time over which it is told: then a target holds for the definition's window alone. */
export const growsWithTime = (statistic: Statistic): boolean =>
  statistic === 'sum' || statistic === 'count';

/**
 * The share of an error budget that an hour may spend before somebody is woken.
 * Google, The Site Reliability Workbook, chapter 5, table 5-6.
 */
const pagedShareOfAnHour = 0.02;
const hourMs = 3_600_000;

export function* judgementContradictions(definition: KpiDefinition): Generator<Contradiction> {
  const { formula, target, thresholds } = definition;
  yield* wrongStatistic(formula, target.statistic, ['target', 'statistic']);
  for (const [index, threshold] of thresholds.entries()) {
    if (threshold.statistic !== undefined) {
      yield* wrongStatistic(formula, threshold.statistic, ['thresholds', index, 'statistic']);
    }
    yield* withinTarget(definition, threshold, ['thresholds', index]);
  }
  yield* wrongSlo(definition);
}

function* wrongStatistic(
  formula: Formula,
  statistic: Statistic,
  path: (string | number)[],
): Generator<Contradiction> {
  const hasGood = 'good' in formula && formula.good !== undefined;
  if (statistic === 'ratio' && hasGood) return;
  if (statisticsOf[formula.kind].includes(statistic)) return;
  yield { path, message: `a ${formula.kind} has no ${statistic}` };
}

/** A threshold on the target's own figure lies where the target is missed, on the same side. */
function* withinTarget(
  { target }: KpiDefinition,
  { statistic = target.statistic, above, below }: Threshold,
  path: (string | number)[],
): Generator<Contradiction> {
  if (statistic !== target.statistic) return;
  const { atMost, atLeast = 0 } = target;
  const isBeyond =
    atMost === undefined
      ? below !== undefined && below <= atLeast
      : above !== undefined && above >= atMost;
  if (isBeyond) return;
  const missed = atMost === undefined ? `below ${atLeast} or less` : `above ${atMost} or more`;
  yield { path, message: `must be ${missed}, where the target is missed` };
}

/**
 * The fastest burn that pages spends 2 % of the budget in an hour: a factor of 0.02 x period / 1 h. A
 * total failure burns at 1 / (1 - objective), so where that is less the page could never come.
 */
function* wrongSlo({ slo, target }: KpiDefinition): Generator<Contradiction> {
  if (slo === undefined) return;
  const path = ['slo'];
  const { statistic, atLeast } = target;
  if (statistic !== 'ratio' || atLeast === undefined || atLeast >= 1) {
    yield { path, message: 'needs a target of a ratio that is at least something below 1' };
    return;
  }
  const factor = (pagedShareOfAnHour * durationMs(slo.period)) / hourMs;
  if (factor * (1 - atLeast) >= 1) {
    const least = 1 - 1 / factor;
    yield { path, message: `no failure could burn fast enough to page; aim above ${least}` };
  }
}
