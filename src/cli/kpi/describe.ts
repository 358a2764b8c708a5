/** KPI events and figures as lines for people. */
import type { KpiDefinition } from '../../kpi/definition';
import type { KpiEvent } from '../../messages/kpiEvent';
import type { SlidingWindow } from './figures';

export function describeEvent({ timestamp, kpi, value, unit, metadata }: KpiEvent): string {
  const dimensions = metadata.map(dimension => `${dimension.name}=${dimension.value}`);
  return [timestamp, kpi, round(value), unit, ...dimensions].join(' ');
}

/** Counts by the minute; distributions by average, percentile and maximum. */
export function describeFigures(
  { name, formula }: KpiDefinition,
  window: SlidingWindow,
  now: number,
): string {
  if (formula.kind !== 'distribution') {
    return `== ${name}: ${round(window.sumOfLastMinute(now))} ${formula.unit} in the last minute`;
  }
  const figures = window.distribution(now);
  if (figures === undefined) return `== ${name}: no events`;
  const { count, average, p95, maximum } = figures;
  return `== ${name}: average ${round(average)}, p95 ${round(p95)}, maximum ${round(maximum)} ${formula.unit} of ${count} events`;
}

/** Three decimals are milliseconds, where the unit is seconds. */
const round = (value: number): string => String(Number(value.toFixed(3)));
