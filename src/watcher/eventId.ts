/** Taking the id of a KPI event apart: `<kpi>@<version>:<occurrence id>`. */
import type { OccurrenceKind } from '../kpi/fields';
import type { Compared } from './tally';

const kinds: Readonly<Record<string, OccurrenceKind>> = {
  attempt: 'attempt-failed',
  step: 'step-ended',
  milestone: 'milestone',
  closed: 'workflow-closed',
  refused: 'order-refused',
};

export interface EventIdParts {
  readonly kpi: string;
  readonly occurrence: OccurrenceKind;
  readonly occurrenceId: string;
  /** Absent for milestones, which belong to the workflow whatever its run, and for refusals. */
  readonly runId?: string;
}

/** The parts of an id that the ledger has; undefined for one of another kind. */
export function partsOf(id: string): EventIdParts | undefined {
  const [, kpi, occurrenceId, kind = '', rest = ''] =
    /^([^@]+)@\d+:(([a-z]+):(.*))$/.exec(id) ?? [];
  const occurrence = Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;
  if (kpi === undefined || occurrenceId === undefined || occurrence === undefined) return undefined;
  const hasRun = occurrence !== 'milestone' && occurrence !== 'order-refused';
  const runId = hasRun ? rest.split(':')[1] : undefined;
  return { kpi, occurrence, occurrenceId, ...(runId !== undefined && { runId }) };
}

/** An event of the ledger, as it is told of. */
export const comparedOf = (
  id: string,
  at: number,
  { kpi, occurrence }: EventIdParts,
): Compared => ({
  id,
  kpi,
  occurrence,
  at,
});
