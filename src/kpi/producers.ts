/** Which kinds of processes capture what a KPI observes: the ones whose heartbeats vouch for its windows. */
import type { KpiDefinition, Observation } from './definition';
import type { OccurrenceKind } from './fields';
import type { Measurement } from './produced';
import { subjectsWanted } from './subjects';

/** The roles that publish KPI events, by the names under which their heartbeats go. */
const producers = ['intake', 'ledger', 'order-worker', 'watcher'] as const;
export type Producer = (typeof producers)[number];

const capturedBy: Readonly<Record<Exclude<OccurrenceKind, 'measured'>, Producer>> = {
  'attempt-failed': 'order-worker',
  'step-ended': 'order-worker',
  milestone: 'order-worker',
  'workflow-closed': 'order-worker',
  'order-refused': 'intake',
};

/**
 * Which roles measure, by source; test/promises/kpi-measured.test.ts holds it against what they publish.
 */
const measuredBy: Readonly<Record<string, readonly Producer[]>> = {
  'compute-time': producers,
  'data-freshness': ['watcher'],
  'intake-lag': ['watcher'],
  'kpi-coverage': ['watcher'],
  'kpi-parity': ['watcher'],
} satisfies Record<Measurement, readonly Producer[]>;

/** Sorted; none for a derived KPI, which is as good as those that it is made of. */
export function producersOf({ observes }: Pick<KpiDefinition, 'observes'>): Producer[] {
  return [...new Set(observes.flatMap(producersOfObservation))].sort();
}

/** Names one version of a KPI in a heartbeat. */
export const versionName = ({ name, version }: Pick<KpiDefinition, 'name' | 'version'>): string =>
  `${name}@${version}`;

/** The versions for which such a process captures events, in force or not: those that it vouches for. */
export function versionsCapturedBy(
  producer: Producer,
  definitions: readonly KpiDefinition[],
): string[] {
  return definitions
    .filter(({ retired }) => retired === undefined)
    .filter(definition => producersOf(definition).includes(producer))
    .map(versionName);
}

function producersOfObservation(observation: Observation): readonly Producer[] {
  if (observation.occurrence !== 'measured') return [capturedBy[observation.occurrence]];
  const sources = subjectsWanted(observation);
  const wanted = sources === 'all' ? Object.keys(measuredBy) : sources;
  return wanted.flatMap(source => measuredBy[source] ?? []);
}
