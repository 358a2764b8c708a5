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
  if (definition.observes.some(isProduced)) return { fed: true };
  const wanted = new Set(definition.observes.flatMap(namesOf));
  return { fed: false, why: `nothing produces ${[...wanted].join(', ')} yet` };
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

function isProduced(observation: Observation): boolean {
  const wanted = subjectsWanted(observation);
  const there = produced[observation.occurrence];
  return wanted === 'all' ? there.length > 0 : wanted.some(subject => there.includes(subject));
}

function namesOf(observation: Observation): string[] {
  const wanted = subjectsWanted(observation);
  const { occurrence } = observation;
  return wanted === 'all' ? [occurrence] : wanted.map(subject => `${occurrence} ${subject}`);
}
