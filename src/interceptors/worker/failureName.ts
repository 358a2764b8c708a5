import { ApplicationFailure } from '@temporalio/common';

/**
 * The name by which a failure is counted: the type of an ApplicationFailure, else the error's code (of
 * Postgres, Node or the catalogue), else its class. Never its message, which may hold personal data.
 */
export function failureName(thrown: unknown): string {
  if (thrown instanceof ApplicationFailure && thrown.type) return thrown.type;
  if (!(thrown instanceof Error)) return typeof thrown;
  return 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : thrown.name;
}
