/** How much of what runs would be noticed if it stopped working: the reasoning behind `kpi-coverage`. */
import type { Catalogue } from './catalogue';
import type { OccurrenceKind } from './fields';
import { activityTypes, workflowTypes } from './produced';
import { subjectsWanted } from './subjects';

/** One type of activity or workflow, and whether a definition in force observes it. */
export interface Covered {
  readonly kind: 'activity' | 'workflow';
  readonly name: string;
  readonly observed: boolean;
}

/** Every type that runs, activities first. @param at milliseconds since the epoch */
export function coverageOf(catalogue: Catalogue, at: number): Covered[] {
  const observations = catalogue.names.flatMap(name => catalogue.inForce(name, at)?.observes ?? []);
  const isObserved = (kinds: readonly OccurrenceKind[], subject: string) =>
    observations
      .filter(({ occurrence }) => kinds.includes(occurrence))
      .map(subjectsWanted)
      .some(wanted => wanted === 'all' || wanted.includes(subject));
  return [
    ...activityTypes.map(name => ({
      kind: 'activity' as const,
      name,
      observed: isObserved(['attempt-failed', 'step-ended'], name),
    })),
    ...workflowTypes.map(name => ({
      kind: 'workflow' as const,
      name,
      observed: isObserved(['workflow-closed'], name),
    })),
  ];
}
