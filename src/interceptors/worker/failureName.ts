import { ApplicationFailure, TemporalFailure } from '@temporalio/common';

/**
 * The name by which a failure is counted: the type of an ApplicationFailure, else the error's code (of
 * Postgres, Node or the catalogue), else its class. Never its message, which may hold personal data.
 */
export function failureName(thrown: unknown): string {
  if (thrown instanceof ApplicationFailure && thrown.type) return thrown.type;
  if (!(thrown instanceof Error)) return typeof thrown;
  return 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : thrown.name;
}

/**
 * The failure as history is to keep it: under the name by which it is counted, where the SDK would take
 * the class. So Temporal's record and the KPI event of an attempt tell the same.
 */
export const namedFailure = (thrown: unknown): unknown =>
  thrown instanceof TemporalFailure
    ? thrown
    : ApplicationFailure.fromError(thrown, { type: failureName(thrown) });
