import { OrderlyError } from '../errors';
import type { Catalogue } from '../kpi/catalogue';
import type { KpiDefinition } from '../kpi/definition';

/**
 * The version of a KPI to read: the one asked for, else the one in force just before `until` (milliseconds
 * since the epoch), else, of a KPI that is retired or still to come, the newest that counts.
 * @throws OrderlyError KpiUnknown, KpiVersionUnknown
 */
export function versionToRead(
  catalogue: Catalogue,
  name: string,
  until: number,
  version?: number,
): KpiDefinition {
  const versions = catalogue.versionsOf(name);
  const found =
    version === undefined
      ? (catalogue.inForce(name, until - 1) ?? versions.find(({ retired }) => !retired))
      : versions.find(each => each.version === version);
  if (found !== undefined) return found;
  throw new OrderlyError('KpiVersionUnknown', { name, version: version ?? 1 });
}
