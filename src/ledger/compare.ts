/** A KPI over a whole time, against its target and against the time before. */
import type { KpiDefinition } from '../kpi/definition';
import { durationMs } from '../kpi/duration';
import { growsWithTime } from '../kpi/judgement';
import type { WindowState } from '../kpi/windows';
import type { Slice } from '../postgres/ledgerReport';
import type { Ledger } from './counted';
import { type KpiWindow, statisticOf } from './figures';
import { type KpiQuery, readFrame, touched } from './read';
import { versionToRead } from './versions';

/** What a figure should be: `atMost` or `atLeast`. */
export type Aim = KpiDefinition['target'];

export interface Comparison {
  readonly slice: Slice;
  readonly state: WindowState;
  /** The figure that the target names; null where it is not known. */
  readonly value: number | null;
  /**
   * Whether it is as it should be; null where it is not known, and of a number or sum that was asked for over
   * another length than the definition's window, for which the target holds.
   */
  readonly met: boolean | null;
  /** The same figure over the time before, as long as this one. */
  readonly previous: number | null;
  /** By how much it is more than before. */
  readonly delta: number | null;
}

const minuteMs = 60_000;

/** One comparison per slice, over the windows that `readKpi` would answer. @throws as `readKpi` */
export async function compareKpi(ledger: Ledger, query: KpiQuery): Promise<Comparison[]> {
  const { from, until } = touched(query, query.windowMs);
  const length = until - from;
  const definition = versionToRead(ledger.catalogue, query.kpi, until, query.version);
  const { windows } = await readFrame(ledger, {
    ...query,
    from: from - length,
    until,
    windowMs: length,
  });
  // A time that is not over yet has had only the minutes until now.
  const elapsed = Math.max(1, (Math.min(until, query.now) - from) / minuteMs);
  return Array.from({ length: windows.length / 2 }, (_, pair) =>
    compared(definition, windows[2 * pair]!, windows[2 * pair + 1]!, elapsed, length / minuteMs),
  );
}

/** Whether the target says anything of so long a time. */
const isJudged = ({ target, window }: KpiDefinition, minutes: number): boolean =>
  !growsWithTime(target.statistic) || durationMs(window) === minutes * minuteMs;

function compared(
  definition: KpiDefinition,
  before: KpiWindow,
  now: KpiWindow,
  elapsed: number,
  minutes: number,
): Comparison {
  const { target } = definition;
  const value = statisticOf(now, target.statistic, elapsed);
  const previous = statisticOf(before, target.statistic, minutes);
  const { atMost = Number.POSITIVE_INFINITY, atLeast = Number.NEGATIVE_INFINITY } = target;
  return {
    slice: now.slice,
    state: now.state,
    value,
    met:
      value === null || !isJudged(definition, minutes) ? null : atLeast <= value && value <= atMost,
    previous,
    delta: value === null || previous === null ? null : value - previous,
  };
}
