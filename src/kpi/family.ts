/** The versions of one KPI, in order, and the time for which each holds. */
import { OrderlyError } from '../errors';
import type { KpiDefinition } from './definition';
import type { DefinitionFile } from './parse';

/** A definition and where it stands; without `lines` it was not read from a file, and all is on line 1. */
export type Located = Pick<DefinitionFile, 'file' | 'definition'> &
  Partial<Pick<DefinitionFile, 'lines'>>;

/** One version of a KPI. Times are milliseconds since the epoch; `until` is not part of it. */
export interface Version extends Located {
  readonly from: number;
  readonly until: number;
}

/** The versions of one KPI, the newest first. */
export type Family = readonly Version[];

/**
 * The KPIs by name.
 * @throws OrderlyError KpiDefinitionInvalid where two files give one version, or versions and times disagree.
 */
export function familiesOf(files: readonly Located[]): ReadonlyMap<string, Family> {
  const newestFirst = [...files].sort((a, b) => b.definition.version - a.definition.version);
  const families = new Map<string, Version[]>();
  for (const located of newestFirst) {
    const { definition } = located;
    const family = families.get(definition.name) ?? [];
    const newer = family.at(-1);
    const from = Date.parse(definition.effectiveFrom);
    const version = { ...located, from, until: newer?.from ?? Number.POSITIVE_INFINITY };
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

/** @param field the field of the document's top level that is wrong */
export function wrongIn({ file, lines }: Located, field: string, detail: string): OrderlyError {
  return new OrderlyError('KpiDefinitionInvalid', { file, line: lines?.[field] ?? 1, detail });
}

function refuseDisorder(newer: Version, older: Version): void {
  const { name, version } = newer.definition;
  if (version === older.definition.version) {
    throw wrongIn(newer, 'version', `version ${version} of ${name} is also in ${older.file}`);
  }
  if (newer.from <= older.from) {
    const detail = `version ${version} of ${name} must take effect after version ${older.definition.version}`;
    throw wrongIn(newer, 'effectiveFrom', detail);
  }
}
