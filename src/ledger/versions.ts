import { OrderlyError } from '../errors';
import type { Catalogue } from '../kpi/catalogue';
import type { KpiDefinition } from '../kpi/definition';

/**
 * The version of a KPI to read: the one asked for, else the one in force just before `until` (milliseconds
 * since the epoch), else the one that takes effect next, else, of a KPI that is retired, the newest that
 * counts.
 * @throws OrderlyError KpiUnknown, KpiVersionUnknown
 */
export function versionToRead(
  catalogue: Catalogue,
  name: string,
  until: number,
  version?: number,
): KpiDefinition {
  const found =
    version === undefined
      ? (catalogue.inForce(name, until - 1) ?? nearestTo(until, catalogue, name))
      : catalogue.versionsOf(name).find(each => each.version === version);
  if (found !== undefined) return found;
  throw new OrderlyError('KpiVersionUnknown', { name, version: version ?? 1 });
}

/** Of those that count something, where none is in force: the next one, or else the last one. */
function nearestTo(until: number, catalogue: Catalogue, name: string): KpiDefinition | undefined {
  const newestFirst = catalogue.versionsOf(name).filter(({ retired }) => retired === undefined);
  const next = newestFirst.findLast(definition => catalogue.spanOf(definition).from >= until);
  return next ?? newestFirst[0];
}
