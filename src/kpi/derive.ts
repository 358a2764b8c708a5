/** From an occurrence to the KPI events that follow from it: a pure function, so all who derive agree. */
import type { KpiEvent } from '../messages/kpiEvent';
import type { Catalogue, Observer } from './catalogue';
import type { Condition, KpiDefinition, Observation } from './definition';
import { bytesPerValue, jsonBytes } from './keySize';
import type { Occurrence } from './occurrence';

/** A KPI event with the id under which it counts once. */
export interface DerivedEvent {
  /** `<kpi>@<version>:<occurrence id>` */
  readonly id: string;
  readonly data: KpiEvent;
}

type Scalar = string | number | boolean;
type Fields = Readonly<Record<string, Scalar | undefined>>;

/** Longest metadata value, in characters; schemas/ holds the same bound. */
const longestText = 256;

/**
 * The KPI events of one occurrence, at most one of each KPI: of several observations in one definition
 * the first that matches holds, because an id counts once.
 * @param deployment version of the deployment in which it was captured
 */
export function derive(
  catalogue: Catalogue,
  occurrence: Occurrence,
  deployment: string,
): DerivedEvent[] {
  const { occurrence: kind, versionAt } = occurrence;
  return deriveBy(catalogue.observersOf(kind, versionAt), occurrence, deployment);
}

/** As `derive`, by every version, whether it was in force or not: what a version would have counted. */
export function deriveEveryVersion(
  catalogue: Catalogue,
  occurrence: Occurrence,
  deployment: string,
): DerivedEvent[] {
  return deriveBy(catalogue.everyObserverOf(occurrence.occurrence), occurrence, deployment);
}

function deriveBy(
  observers: readonly Observer[],
  occurrence: Occurrence,
  deployment: string,
): DerivedEvent[] {
  const events: DerivedEvent[] = [];
  for (const observer of observers) {
    const event = eventOf(observer, occurrence, deployment);
    if (event !== undefined) events.push(event);
  }
  return events;
}

function eventOf(
  { definition, observations }: Observer,
  occurrence: Occurrence,
  deployment: string,
): DerivedEvent | undefined {
  const fields: Fields = occurrence as never;
  const observation = observations.find(({ conditions }) =>
    conditions.every(([field, wanted]) => holds(wanted, fields[field])),
  );
  if (observation === undefined) return undefined;
  const value = observedValue(observation, fields);
  if (value === undefined) return undefined;
  const { name, version, formula } = definition;
  const metadata = dimensionsOf(definition, observation, fields);
  metadata.push(
    { name: 'deployment', value: deployment },
    { name: 'synthetic', value: occurrence.synthetic },
  );
  const { workflowId } = occurrence;
  if (workflowId !== undefined) metadata.push({ name: 'workflowId', value: workflowId });
  return {
    id: `${name}@${version}:${occurrence.id}`,
    data: {
      kpi: name,
      version,
      metric: formula.metric,
      value,
      unit: formula.unit,
      timestamp: new Date(occurrence.at).toISOString(),
      metadata,
    },
  };
}

function holds(wanted: Condition, actual: Scalar | undefined): boolean {
  if (typeof wanted !== 'object') return actual === wanted;
  if (Array.isArray(wanted)) return wanted.some(value => value === actual);
  return typeof actual === 'number' && actual >= wanted.atLeast;
}

/** Undefined where the occurrence lacks the field: an order that was never priced has no total. */
function observedValue({ value }: Pick<Observation, 'value'>, fields: Fields): number | undefined {
  const number = typeof value === 'number' ? value : fields[value];
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

function dimensionsOf(
  { dimensions }: KpiDefinition,
  { set }: Pick<Observation, 'set'>,
  fields: Fields,
): KpiEvent['metadata'] {
  const found: KpiEvent['metadata'] = [];
  const mostBytes = bytesPerValue(dimensions.length);
  for (const { name, from } of dimensions) {
    const its = set?.[name] ?? (from === undefined ? fields[name] : firstOf(from, fields));
    const value = typeof its === 'string' ? printable(its, mostBytes) : its;
    if (value !== undefined && value !== '') found.push({ name, value });
  }
  return found;
}

function firstOf(names: readonly string[], fields: Fields): Scalar | undefined {
  const name = names.find(each => fields[each] !== undefined);
  return name === undefined ? undefined : fields[name];
}

/** Names of failures and outcomes are what code made them: no character and no length can be trusted. */
function printable(text: string, mostBytes: number): string {
  const plain = text.replace(/[\p{Cc}\p{Cs}]/gu, ' ').trim();
  // No unit of UTF-16 that is left takes more than three bytes.
  if (plain.length <= longestText && plain.length * 3 + 2 <= mostBytes) return plain;
  return shortened(plain, mostBytes);
}

function shortened(plain: string, mostBytes: number): string {
  let bytes = jsonBytes('');
  let text = '';
  for (const character of [...plain].slice(0, longestText)) {
    bytes += jsonBytes(character) - jsonBytes('');
    if (bytes > mostBytes) return text;
    text += character;
  }
  return text;
}
