/** KPI events and figures as lines for people. */
import type { KpiDefinition } from '../../kpi/definition';
import { percent } from '../../kpi/words';
import type { KpiEvent } from '../../messages/kpiEvent';
import type { SlidingWindow } from './figures';

export function describeEvent({ timestamp, kpi, value, unit, metadata }: KpiEvent): string {
  const dimensions = metadata.map(dimension => `${dimension.name}=${dimension.value}`);
  return [timestamp, kpi, round(value), unit, ...dimensions].join(' ');
}

/** Counts and sums by the minute; shares by their average; other values by how they are distributed. */
export function describeFigures(
  { name, formula }: KpiDefinition,
  window: SlidingWindow,
  now: number,
): string {
  if (formula.kind === 'count' || formula.kind === 'sum') {
    return `== ${name}: ${round(window.sumOfLastMinute(now))} ${formula.unit} in the last minute`;
  }
  const figures = window.distribution(now);
  if (figures === undefined) return `== ${name}: no events`;
  const { count, average, p95, maximum } = figures;
  if (formula.kind === 'ratio') return `== ${name}: ${percent(average)} of ${count} events`;
  return `== ${name}: average ${round(average)}, p95 ${round(p95)}, maximum ${round(maximum)} ${formula.unit} of ${count} events`;
}

/** Three decimals are milliseconds, where the unit is seconds. */
const round = (value: number): string => String(Number(value.toFixed(3)));
