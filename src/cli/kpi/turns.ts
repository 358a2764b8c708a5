/** What to know of figures near the time at which their version takes effect, or ends. */
import type { Catalogue } from '../../kpi/catalogue';
import type { KpiDefinition } from '../../kpi/definition';
import type { OccurrenceKind } from '../../kpi/fields';
import type { Span } from '../../kpi/spans';

/** They count by the version in force when their workflow began, or when the activity was scheduled. */
const countedByTheirBeginning: readonly OccurrenceKind[] = [
  'attempt-failed',
  'step-ended',
  'workflow-closed',
];

/** By default an order may wait for stock for a week, and for people and parcels for some days more. */
const longestOrderMs = 14 * 86_400_000;

/** One line for each turn that the time shown is near to; none of a KPI that is made of others. */
export function turnLines(catalogue: Catalogue, definition: KpiDefinition, shown: Span): string[] {
  const { version, observes } = definition;
  if (observes.length === 0) return [];
  const { from, until } = catalogue.spanOf(definition);
  const goesOn = observes.some(({ occurrence }) => countedByTheirBeginning.includes(occurrence));
  const isNearBegin = from < until && from < shown.until && shown.from < from + longestOrderMs;
  const lines: string[] = [];
  if (goesOn && isNearBegin) {
    lines.push(
      `Version ${version} took effect at ${clock(from)}; what ends of orders that began before is not in it.`,
    );
  }
  if (until < shown.until) {
    const since = goesOn
      ? 'only orders that began before are in it since'
      : 'nothing is in it since';
    lines.push(`Version ${version} ended at ${clock(until)}; ${since}.`);
  }
  return lines;
}

const clock = (time: number): string =>
  `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
