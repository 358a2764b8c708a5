/** The KPI events that must be in the ledger, whole from an occurrence, or in part from what is known of one. */
import type { Catalogue } from '../kpi/catalogue';
import { type DerivedEvent, derive } from '../kpi/derive';
import type { OccurrenceKind } from '../kpi/fields';
import type { Occurrence } from '../kpi/occurrence';

export interface ExpectedEvent {
  readonly id: string;
  readonly kpi: string;
  readonly occurrence: OccurrenceKind;
  readonly synthetic: boolean;
  /** The dimensions that are known; all of them where the whole occurrence is. */
  readonly slice: Readonly<Record<string, string | number | boolean>>;
  /**
   * What its value must be. Absent where it is not known, and for durations: a workflow task that is done
   * again tells another one.
   */
  readonly value?: number;
  /** For a failed attempt: whether its type of failure is known. */
  readonly failure?: 'known' | 'unknown';
}

/** @param deployment version of this deployment; of no matter for what must be there */
export function expectedEvents(catalogue: Catalogue, occurrence: Occurrence): ExpectedEvent[] {
  return derive(catalogue, occurrence, '').map(event => expectedOf(catalogue, occurrence, event));
}

/**
 * What follows from an occurrence of which some fields are unknown: the events, and of them the dimensions
 * and values, that follow from both of two occurrences that differ in all that is unknown.
 */
export function certainEvents(
  catalogue: Catalogue,
  [one, other]: readonly [Occurrence, Occurrence],
): ExpectedEvent[] {
  const others = new Map(expectedEvents(catalogue, other).map(event => [event.id, event]));
  return expectedEvents(catalogue, one).flatMap(event => {
    const twin = others.get(event.id);
    return twin === undefined ? [] : [inBoth(event, twin)];
  });
}

function expectedOf(
  catalogue: Catalogue,
  occurrence: Occurrence,
  { id, data }: DerivedEvent,
): ExpectedEvent {
  const definition = catalogue.find(data.kpi, data.version);
  const metadata = new Map(data.metadata.map(({ name, value }) => [name, value]));
  const slice = (definition?.dimensions ?? []).flatMap(({ name }) => {
    const value = metadata.get(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    id,
    kpi: data.kpi,
    occurrence: occurrence.occurrence,
    synthetic: occurrence.synthetic,
    slice: Object.fromEntries(slice),
    ...(definition?.formula.kind !== 'distribution' && { value: data.value }),
    ...(occurrence.occurrence === 'attempt-failed' && {
      failure: occurrence.failure === 'unknown' ? ('unknown' as const) : ('known' as const),
    }),
  };
}

function inBoth(one: ExpectedEvent, other: ExpectedEvent): ExpectedEvent {
  const { value, ...rest } = one;
  const agreed = Object.entries(one.slice).filter(([name, known]) => other.slice[name] === known);
  return {
    ...rest,
    slice: Object.fromEntries(agreed),
    ...(value !== undefined && value === other.value && { value }),
  };
}
