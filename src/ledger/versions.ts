import { OrderlyError } from '../errors';
import type { Catalogue } from '../kpi/catalogue';
import type { KpiDefinition } from '../kpi/definition';

/**
 * The definition that `order-latency` or `order-latency@1` names: without a number, the version in force
 * just before `until` (milliseconds since the epoch), or of a retired KPI the last that counted.
 * @throws OrderlyError KpiUnknown, KpiVersionUnknown
 */
export function definitionFor(catalogue: Catalogue, kpi: string, until: number): KpiDefinition {
  const [, name = kpi, version] = /^(.*)@(\d+)$/.exec(kpi) ?? [];
  const versions = catalogue.versionsOf(name);
  const definition =
    version === undefined
      ? (catalogue.inForce(name, until - 1) ?? versions.find(({ retired }) => retired === undefined))
      : versions.find(one => one.version === Number(version));
  if (definition !== undefined) return definition;
  throw new OrderlyError('KpiVersionUnknown', { name, version: version ?? 'that counts' });
}
