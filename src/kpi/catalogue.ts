/** The KPI definitions, indexed by name, version and what they observe. */
import { OrderlyError } from '../errors';
import type { Condition, KpiDefinition, Observation } from './definition';
import { type Family, familiesOf, type Located, type Version, versionAt } from './family';
import { type OccurrenceKind, occurrenceKinds } from './fields';
import { refuseWrongReferences } from './references';
import type { Span } from './spans';
import { subjectsWanted } from './subjects';

/** What one version of a KPI observes of one kind of occurrence, ready for use on every occurrence. */
export interface Observer {
  readonly definition: KpiDefinition;
  readonly observations: readonly PreparedObservation[];
}

interface PreparedObservation extends Pick<Observation, 'value' | 'set'> {
  readonly conditions: readonly (readonly [field: string, wanted: Condition])[];
}

export class Catalogue {
  /** Every version of every KPI. */
  readonly definitions: readonly KpiDefinition[];
  private readonly families: ReadonlyMap<string, Family>;
  private readonly observers: ReadonlyMap<OccurrenceKind, readonly (Version & Observer)[]>;
  private readonly subjects: ReadonlyMap<OccurrenceKind, Subjects>;

  /**
   * @param files any number of definitions; none makes a catalogue that observes nothing.
   * @throws OrderlyError KpiDefinitionInvalid where two files give one version, versions and times
   * disagree, or one names a KPI that does not exist or can not be computed with.
   */
  constructor(files: readonly Located[] = []) {
    this.families = familiesOf(files);
    refuseWrongReferences(this.families);
    const versions = [...this.families.values()].flat();
    this.definitions = versions.map(({ definition }) => definition);
    this.observers = new Map(
      occurrenceKinds.map(kind => [kind, versions.flatMap(version => observerOf(version, kind))]),
    );
    this.subjects = new Map(
      occurrenceKinds.map(kind => [
        kind,
        subjectsOf(this.definitions.flatMap(definition => observationsOf(definition, kind))),
      ]),
    );
  }

  /** The names of all KPIs, sorted. */
  get names(): readonly string[] {
    return [...this.families.keys()].sort();
  }

  /** The names of the KPIs that have events, and so a topic, sorted: all but the derived ones. */
  get namesWithEvents(): readonly string[] {
    const hasEvents = (name: string) =>
      this.versionsOf(name).some(({ formula }) => formula.kind !== 'derived');
    return this.names.filter(hasEvents);
  }

  /**
   * Every version of a KPI, the newest first, whether in force, still to come or long retired.
   * @throws OrderlyError KpiUnknown
   */
  versionsOf(name: string): readonly KpiDefinition[] {
    return this.family(name).map(({ definition }) => definition);
  }

  /** One version of one KPI; undefined where there is none such. */
  find(name: string, version: number): KpiDefinition | undefined {
    return this.families.get(name)?.find(({ definition }) => definition.version === version)
      ?.definition;
  }

  /**
   * When a version of a KPI is in force, in milliseconds since the epoch: until the next one takes effect, and
   * never where it is the one that ends the KPI.
   * @throws OrderlyError KpiUnknown, KpiVersionUnknown
   */
  spanOf({ name, version }: Pick<KpiDefinition, 'name' | 'version'>): Span {
    const found = this.family(name).find(({ definition }) => definition.version === version);
    if (found === undefined) throw new OrderlyError('KpiVersionUnknown', { name, version });
    const { definition, from, until } = found;
    return { from, until: definition.retired === undefined ? until : from };
  }

  /**
   * The version of a KPI in force at a time, in milliseconds since the epoch; undefined before its first
   * and once it is retired.
   * @throws OrderlyError KpiUnknown
   */
  inForce(name: string, at: number): KpiDefinition | undefined {
    return versionAt(this.family(name), at);
  }

  /** What may observe this kind of occurrence, each in the version in force at `at`. */
  observersOf(kind: OccurrenceKind, at: number): readonly Observer[] {
    return (this.observers.get(kind) ?? []).filter(({ from, until }) => from <= at && at < until);
  }

  /** Every version that may observe this kind of occurrence, in force or not. */
  everyObserverOf(kind: OccurrenceKind): readonly Observer[] {
    return this.observers.get(kind) ?? [];
  }

  /**
   * Whether any version observes such an occurrence: one look-up, so that what nobody observes costs
   * next to nothing. `subject` is what it is about: the activity, step, milestone, workflow type or kind.
   */
  observes(kind: OccurrenceKind, subject: string): boolean {
    const subjects = this.subjects.get(kind);
    return subjects === 'all' || subjects?.has(subject) === true;
  }

  private family(name: string): Family {
    const family = this.families.get(name);
    if (family === undefined) throw new OrderlyError('KpiUnknown', { name });
    return family;
  }
}

/** The observations of this kind of occurrence in one definition, in their order; none once retired. */
const observationsOf = (definition: KpiDefinition, kind: OccurrenceKind): Observation[] =>
  definition.retired === undefined ? definition.observes.filter(o => o.occurrence === kind) : [];

function observerOf(version: Version, kind: OccurrenceKind): (Version & Observer)[] {
  const observations = observationsOf(version.definition, kind).map(({ where, value, set }) => ({
    value,
    set,
    conditions: Object.entries(where ?? {}),
  }));
  return observations.length === 0 ? [] : [{ ...version, observations }];
}

type Subjects = 'all' | ReadonlySet<string>;

function subjectsOf(observations: readonly Observation[]): Subjects {
  const subjects = new Set<string>();
  for (const observation of observations) {
    const wanted = subjectsWanted(observation);
    if (wanted === 'all') return 'all';
    for (const subject of wanted) subjects.add(subject);
  }
  return subjects;
}
