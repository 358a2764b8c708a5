/** Which values a KPI can have: one that nothing could have given must not get into a sum. */
import type { KpiDefinition, Observation } from '../kpi/definition';

/** What a value must be, or nothing where it is that. */
export type ValueFault = (value: number) => string | undefined;

/** Up to it a double tells each whole number from the next. */
const largest = 2 ** 53;

/** The check for the values of a KPI, from its formula and from what it observes. */
export function valueFault({ formula, observes }: KpiDefinition): ValueFault {
  const { kind, unit } = formula;
  if (kind === 'count') return value => (value === 1 ? undefined : 'must be 1');
  if (kind === 'ratio') return value => (value === 0 || value === 1 ? undefined : 'must be 0 or 1');
  if (unit === 'minor units') {
    const fault = `must be a whole number from 0 to ${Number.MAX_SAFE_INTEGER}`;
    return value => (Number.isSafeInteger(value) && value >= 0 ? undefined : fault);
  }
  const least = observes.some(({ value }) => mayBeNegative(kind, value)) ? -largest : 0;
  const fault = `must be from ${least} to ${largest}`;
  return value => (least <= value && value <= largest ? undefined : fault);
}

/** Of the fields only an amount may be: as a level, not as something to add up. */
const mayBeNegative = (kind: KpiDefinition['formula']['kind'], value: Observation['value']) =>
  typeof value === 'number' ? value < 0 : value === 'amount' && kind !== 'sum';
