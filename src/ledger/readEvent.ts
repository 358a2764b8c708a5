/** From a Kafka record to an event that may count, or an error of the catalogue that says why not. */
import { OrderlyError } from '../errors';
import { decode } from '../kafka/cloudEvents';
import { headerText, type IncomingRecord } from '../kafka/record';
import type { Catalogue } from '../kpi/catalogue';
import type { KpiDefinition } from '../kpi/definition';
import { occurrenceIdKinds } from '../kpi/occurrence';
import { type KpiEvent, kpiEvent, kpiTopic } from '../messages/kpiEvent';
import { faultOf } from '../messages/message';
import type { DimensionValue } from '../postgres/ledgerSeries';
import { type ValueFault, valueFault } from './values';

/** An event of a known KPI, before it is known which series it counts in. Times in milliseconds. */
export interface ReadEvent {
  readonly id: string;
  readonly definition: KpiDefinition;
  readonly at: number;
  readonly value: number;
  readonly synthetic: boolean;
  readonly deployment: string;
  /** Published by the reconciler, not by the process that saw it happen. */
  readonly reconciled: boolean;
  /** The values of the definition's dimensions, in its order; undefined where the event has none. */
  readonly slice: readonly (DimensionValue | undefined)[];
  /** Whether it tells of a failure, and whether of which type is not known. */
  readonly failure?: 'known' | 'unknown';
}

/** Which times an event may have, seen from a moment: longest ago and furthest ahead, in milliseconds. */
export interface TimeLimits {
  readonly oldest: number;
  readonly newest: number;
}

/** @throws OrderlyError for an event that can't count, whatever is wrong with it */
export type ReadRecord = (record: IncomingRecord, limits: TimeLimits) => ReadEvent;

/** More than the largest event that its schema allows. */
const maxBytes = 65_536;

/** The name by which capture and reconciliation call a type of failure that nobody could tell. */
const unknownFailure = 'unknown';

/** What the events of one version of a KPI are held against. */
interface Form {
  readonly topic: string;
  readonly idStart: string;
  readonly valueFault: ValueFault;
}

/** Reads records of KPI topics by the definitions of a catalogue. */
export function createReader(catalogue: Catalogue): ReadRecord {
  const forms = new Map(
    catalogue.definitions.map(definition => [definition, formOf(definition)] as const),
  );
  return (record, limits) => {
    const { data, event } = decode(record, maxBytes);
    if (event === undefined) throw new OrderlyError('KpiEventWithoutId');
    const parsed = kpiEvent.schema.safeParse(data);
    if (!parsed.success) throw invalid(faultOf(parsed.error));
    const definition = definitionOf(catalogue, parsed.data);
    const form = forms.get(definition)!;
    refuseDisagreement(parsed.data, definition, form);
    refuseForeignId(event.id, form);
    // Of one KPI on another's topic no watermark would tell.
    if (record.topic !== form.topic) {
      throw invalid({ path: 'kpi', detail: `belongs on the topic ${form.topic}` });
    }
    const at = timeOf(parsed.data, limits);
    const metadata = new Map(parsed.data.metadata.map(({ name, value }) => [name, value]));
    const slice = definition.dimensions.map(({ name }) => metadata.get(name));
    return {
      id: event.id,
      definition,
      at,
      value: parsed.data.value,
      synthetic: metadata.get('synthetic') === true,
      deployment: String(metadata.get('deployment')),
      reconciled: headerText(record.headers, 'ce_reconciled') === 'true',
      slice,
      failure: failureOf(definition, slice),
    };
  };
}

const formOf = (definition: KpiDefinition): Form => ({
  topic: kpiTopic(definition.name),
  idStart: `${definition.name}@${definition.version}:`,
  valueFault: valueFault(definition),
});

function definitionOf(catalogue: Catalogue, { kpi: name, version }: KpiEvent): KpiDefinition {
  const definition = catalogue.find(name, version);
  if (definition !== undefined && definition.retired === undefined) return definition;
  if (!catalogue.names.includes(name)) throw new OrderlyError('KpiUnknown', { name });
  throw new OrderlyError('KpiVersionUnknown', { name, version });
}

const invalid = (fault: { path: string; detail: string }): OrderlyError =>
  new OrderlyError('MessageInvalid', { type: kpiEvent.type, ...fault });

/** Added up with values of another metric or unit, or with impossible ones, a sum would be nonsense. */
function refuseDisagreement(
  event: KpiEvent,
  { formula }: KpiDefinition,
  { valueFault: faultOfValue }: Form,
): void {
  for (const path of ['metric', 'unit'] as const) {
    if (event[path] !== formula[path]) {
      throw invalid({ path, detail: `must be ${formula[path]}, as its definition says` });
    }
  }
  const detail = faultOfValue(event.value);
  if (detail !== undefined) throw invalid({ path: 'value', detail });
}

/** Under another's id it would count in that one's stead; under one made up, as often as it is sent. */
function refuseForeignId(id: string, { idStart: start }: Form): void {
  const kind = id.slice(start.length, id.indexOf(':', start.length));
  if (id.startsWith(start) && kinds.has(kind)) return;
  throw new OrderlyError('KpiEventIdInvalid', { start, kinds: [...kinds].join(', ') });
}

const kinds: ReadonlySet<string> = new Set(occurrenceIdKinds);

function timeOf({ timestamp }: KpiEvent, { oldest, newest }: TimeLimits): number {
  const at = Date.parse(timestamp);
  if (at < oldest) throw new OrderlyError('KpiEventTooLate', { timestamp });
  if (at > newest) throw new OrderlyError('KpiEventFromFuture', { timestamp });
  return at;
}

function failureOf({ dimensions }: KpiDefinition, slice: ReadEvent['slice']): ReadEvent['failure'] {
  const place = dimensions.findIndex(({ name, from = [name] }) => from.includes('failure'));
  if (slice[place] === undefined) return undefined;
  return slice[place] === unknownFailure ? 'unknown' : 'known';
}
