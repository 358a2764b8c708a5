/** The KPI definitions in force, indexed by what they observe. */
import { OrderlyError } from '../errors';
import type { KpiDefinition, Observation } from './definition';
import { type OccurrenceKind, occurrenceKinds, subjectField } from './fields';

/** A definition and the file it came from, for messages. */
export interface DefinitionFile {
  readonly file: string;
  readonly definition: KpiDefinition;
}

/** The versions of one KPI, the newest first. */
type Family = readonly KpiDefinition[];

export class Catalogue {
  readonly definitions: readonly KpiDefinition[];
  private readonly families: ReadonlyMap<string, Family>;
  private readonly observers: ReadonlyMap<OccurrenceKind, readonly Family[]>;
  private readonly subjects: ReadonlyMap<OccurrenceKind, Subjects>;

  /**
   * @param files any number of definitions; none makes a catalogue that observes nothing.
   * @throws OrderlyError KpiDefinitionInvalid where two files give one version, or versions and times disagree.
   */
  constructor(files: readonly DefinitionFile[] = []) {
    this.families = familiesOf(files);
    this.definitions = [...this.families.values()].flat();
    this.observers = new Map(
      occurrenceKinds.map(kind => [
        kind,
        [...this.families.values()].filter(family =>
          family.some(d => observationsOf(d, kind).length > 0),
        ),
      ]),
    );
    this.subjects = new Map(
      occurrenceKinds.map(kind => [
        kind,
        subjectsOf(
          kind,
          this.definitions.flatMap(d => observationsOf(d, kind)),
        ),
      ]),
    );
  }

  /** The names of all KPIs, sorted. */
  get names(): readonly string[] {
    return [...this.families.keys()].sort();
  }

  /**
   * The version of a KPI in force at a time, in milliseconds since the epoch; undefined before its first.
   * @throws OrderlyError KpiUnknown
   */
  inForce(name: string, at: number): KpiDefinition | undefined {
    const family = this.families.get(name);
    if (family === undefined) throw new OrderlyError('KpiUnknown', { name });
    return versionAt(family, at);
  }

  /** The definitions that may observe this kind of occurrence, each in the version in force at `at`. */
  observersOf(kind: OccurrenceKind, at: number): KpiDefinition[] {
    const families = this.observers.get(kind) ?? [];
    return families.map(family => versionAt(family, at)).filter(d => d !== undefined);
  }

  /**
   * Whether any version observes such an occurrence: one look-up, so that what nobody observes costs
   * next to nothing. `subject` is what it is about: the activity, step, milestone, workflow type or kind.
   */
  observes(kind: OccurrenceKind, subject: string): boolean {
    const subjects = this.subjects.get(kind);
    return subjects === 'all' || subjects?.has(subject) === true;
  }
}

/** The observations of this kind of occurrence in one definition, in their order. */
export const observationsOf = (definition: KpiDefinition, kind: OccurrenceKind): Observation[] =>
  definition.observes.filter(o => o.occurrence === kind);

const versionAt = (family: Family, at: number): KpiDefinition | undefined =>
  family.find(definition => Date.parse(definition.effectiveFrom) <= at);

type Subjects = 'all' | ReadonlySet<string>;

function subjectsOf(kind: OccurrenceKind, observations: readonly Observation[]): Subjects {
  const subjects = new Set<string>();
  for (const { where } of observations) {
    const wanted = where?.[subjectField[kind]];
    if (wanted === undefined) return 'all';
    for (const subject of [wanted].flat()) subjects.add(String(subject));
  }
  return subjects;
}

function familiesOf(files: readonly DefinitionFile[]): Map<string, Family> {
  const newestFirst = [...files].sort((a, b) => b.definition.version - a.definition.version);
  const families = new Map<string, DefinitionFile[]>();
  for (const file of newestFirst) {
    const family = families.get(file.definition.name) ?? [];
    const newer = family.at(-1);
    if (newer !== undefined) refuseDisorder(newer, file);
    families.set(file.definition.name, [...family, file]);
  }
  return new Map([...families].map(([name, family]) => [name, family.map(f => f.definition)]));
}

function refuseDisorder(newer: DefinitionFile, older: DefinitionFile): void {
  const { name, version, effectiveFrom } = newer.definition;
  const refuse = (detail: string) =>
    new OrderlyError('KpiDefinitionInvalid', { file: newer.file, line: 1, detail });
  if (version === older.definition.version) {
    throw refuse(`version ${version} of ${name} is also in ${older.file}`);
  }
  if (Date.parse(effectiveFrom) <= Date.parse(older.definition.effectiveFrom)) {
    throw refuse(
      `version ${version} of ${name} must take effect after version ${older.definition.version}`,
    );
  }
}
