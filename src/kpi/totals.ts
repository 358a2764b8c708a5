import type { KpiDefinition } from './definition';

/**
 * The dimensions without which no figure of the KPI can be told: those whose values never add up, and
 * those that tell good from bad. A total over everything keeps them.
 */
export function dimensionsOfTotals({ formula, dimensions }: KpiDefinition): string[] {
  const good = 'good' in formula ? Object.keys(formula.good ?? {}) : [];
  return [...new Set([...good, ...apartDimensions({ dimensions })])];
}

/** The dimensions whose values never add up, such as currencies: every figure is one of a single value. */
export const apartDimensions = ({ dimensions }: Pick<KpiDefinition, 'dimensions'>): string[] =>
  dimensions.filter(({ apart }) => apart).map(({ name }) => name);
