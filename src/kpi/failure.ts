/** The type of a failed attempt, which is not always known at first. */
import type { KpiDefinition } from './definition';
import { fieldType } from './fields';

/** The name by which capture and reconciliation call a type of failure that nobody could tell. */
export const unknownFailure = 'unknown';

/**
 * The dimension that tells the type of a failed attempt. By it an event that does not know the type yet is
 * known for what it is, and gives way to the one that does.
 */
export const failureDimension = ({
  dimensions,
}: Pick<KpiDefinition, 'dimensions'>): string | undefined =>
  dimensions.find(
    ({ name, from = [name] }) =>
      from.find(field => fieldType('attempt-failed', field) !== undefined) === 'failure',
  )?.name;
