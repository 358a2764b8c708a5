/** Taking the id of a KPI event apart: `<kpi>@<version>:<occurrence id>`. */
import type { OccurrenceKind } from '../kpi/fields';

const kinds: Readonly<Record<string, OccurrenceKind>> = {
  attempt: 'attempt-failed',
  step: 'step-ended',
  milestone: 'milestone',
  closed: 'workflow-closed',
  refused: 'order-refused',
  measured: 'measured',
};

export interface EventIdParts {
  readonly occurrence: OccurrenceKind;
  readonly occurrenceId: string;
  /** Absent for refusals and measurements, which are of no workflow. */
  readonly workflowId?: string;
}

/** The parts of an id that the ledger has; undefined for one of another shape. */
export function partsOf(id: string): EventIdParts | undefined {
  const [, occurrenceId, kind = '', subject] = /^[^@]+@\d+:(([a-z]+):([^:]+).*)$/s.exec(id) ?? [];
  const occurrence = Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;
  if (occurrenceId === undefined || occurrence === undefined) return undefined;
  if (occurrence === 'order-refused' || occurrence === 'measured')
    return { occurrence, occurrenceId };
  return { occurrence, occurrenceId, workflowId: subject };
}
