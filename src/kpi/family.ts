/** The versions of one KPI, in order, and the time for which each holds. */
import { OrderlyError } from '../errors';
import type { KpiDefinition } from './definition';
import type { DefinitionFile } from './parse';

/** One version of a KPI. Times are milliseconds since the epoch; `until` is not part of it. */
export interface Version {
  readonly file: string;
  readonly definition: KpiDefinition;
  readonly from: number;
  readonly until: number;
}

/** The versions of one KPI, the newest first. */
export type Family = readonly Version[];

/**
 * The KPIs by name.
 * @throws OrderlyError KpiDefinitionInvalid where two files give one version, or versions and times disagree.
 */
export function familiesOf(
  files: readonly Pick<DefinitionFile, 'file' | 'definition'>[],
): ReadonlyMap<string, Family> {
  const newestFirst = [...files].sort((a, b) => b.definition.version - a.definition.version);
  const families = new Map<string, Version[]>();
  for (const { file, definition } of newestFirst) {
    const family = families.get(definition.name) ?? [];
    const newer = family.at(-1);
    const from = Date.parse(definition.effectiveFrom);
    const version = { file, definition, from, until: newer?.from ?? Number.POSITIVE_INFINITY };
    if (newer !== undefined) refuseDisorder(newer, version);
    families.set(definition.name, [...family, version]);
  }
  return families;
}

/** The version in force at a time: not before its first, nor once it is retired. */
export function versionAt(family: Family, at: number): KpiDefinition | undefined {
  const version = family.find(({ from }) => from <= at);
  return version?.definition.retired === undefined ? version?.definition : undefined;
}

function refuseDisorder(newer: Version, older: Version): void {
  const { name, version } = newer.definition;
  const refuse = (detail: string) =>
    new OrderlyError('KpiDefinitionInvalid', { file: newer.file, line: 1, detail });
  if (version === older.definition.version) {
    throw refuse(`version ${version} of ${name} is also in ${older.file}`);
  }
  if (newer.from <= older.from) {
    throw refuse(
      `version ${version} of ${name} must take effect after version ${older.definition.version}`,
    );
  }
}
