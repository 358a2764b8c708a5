import type { Catalogue } from '../../kpi/catalogue';
import type { KpiDefinition } from '../../kpi/definition';

export type Standing = 'in force' | 'planned' | 'superseded' | 'retired';

/** How a version of a KPI stands at a time, in milliseconds since the epoch. */
export function standingOf(catalogue: Catalogue, definition: KpiDefinition, at: number): Standing {
  if (catalogue.inForce(definition.name, at) === definition) return 'in force';
  if (Date.parse(definition.effectiveFrom) > at) return 'planned';
  return definition.retired === undefined ? 'superseded' : 'retired';
}
