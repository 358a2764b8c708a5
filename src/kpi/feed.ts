/** Whether anything feeds a KPI yet. One that nothing feeds has no figure, which is not a zero. */
import type { Catalogue } from './catalogue';
import type { Formula, KpiDefinition, Observation } from './definition';
import { produced } from './produced';
import { subjectsWanted } from './subjects';

type Derived = Extract<Formula, { kind: 'derived' }>;

export type Feed = { readonly fed: true } | { readonly fed: false; readonly why: string };

/**
 * @param catalogue where the KPIs are that a derived one is made of
 * @returns `why` names what nothing produces yet, `milestone OrderBackOrdered` for example
 */
export function feedOf(catalogue: Catalogue, definition: KpiDefinition): Feed {
  if (definition.formula.kind === 'derived') return feedOfDerived(catalogue, definition.formula);
  const subjects = definition.observes.flatMap(subjectsOf);
  if (subjects.some(({ isProduced }) => isProduced)) return { fed: true };
  return { fed: false, why: `nothing produces ${unproducedBy(definition).join(', ')} yet` };
}

/**
 * What a definition observes and nothing produces, `milestone OrderRejectd` for example: of a KPI that
 * is fed a part that is not counted yet, or a name that is misspelled.
 */
export function unproducedBy({ observes }: KpiDefinition): string[] {
  const missing = observes.flatMap(subjectsOf).filter(({ isProduced }) => !isProduced);
  return [...new Set(missing.map(({ name }) => name))];
}

/** Starved of one KPI that it is made of, the figure would be wrong rather than small. */
function feedOfDerived(catalogue: Catalogue, { numerator, denominator }: Derived): Feed {
  const inputs = new Set([...numerator, ...denominator].map(({ kpi }) => kpi));
  const reasons = [...inputs].flatMap(kpi => {
    const [newest] = catalogue.versionsOf(kpi);
    const feed = newest && feedOf(catalogue, newest);
    return feed?.fed === false ? [`${kpi}: ${feed.why}`] : [];
  });
  return reasons.length === 0 ? { fed: true } : { fed: false, why: reasons.join('; ') };
}

function subjectsOf(
  observation: Observation,
): { readonly name: string; readonly isProduced: boolean }[] {
  const wanted = subjectsWanted(observation);
  const { occurrence } = observation;
  const there = produced[occurrence];
  if (wanted === 'all') return [{ name: occurrence, isProduced: there.length > 0 }];
  return wanted.map(subject => ({
    name: `${occurrence} ${subject}`,
    isProduced: there.includes(subject),
  }));
}
