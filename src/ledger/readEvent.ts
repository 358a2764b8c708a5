/** From a Kafka record to an event that may count, or an error of the catalogue that says why not. */
import { OrderlyError } from '../errors';
import { decode, parseJson } from '../kafka/cloudEvents';
import { headerText, type IncomingRecord } from '../kafka/record';
import type { Catalogue } from '../kpi/catalogue';
import type { KpiDefinition } from '../kpi/definition';
import { failureDimension, unknownFailure } from '../kpi/failure';
import { jsonBytes, mostKeyBytes } from '../kpi/keySize';
import { occurrenceIdKinds } from '../kpi/occurrence';
import { type KpiEvent, kpiEvent, kpiTopic } from '../messages/kpiEvent';
import { faultOf } from '../messages/message';
import type { DimensionValue } from '../postgres/ledgerSeries';
import { EventForms, type Recognized } from './eventForms';
import { type ValueFault, valueFault } from './values';

/**
 * What an event says beside its value and its time. Events that say the same share one object, for as long
 * as it is remembered, so that what follows from it need not be found again.
 */
export interface Particulars {
  readonly definition: KpiDefinition;
  readonly synthetic: boolean;
  readonly deployment: string;
  /** The values of the definition's dimensions, in its order; undefined where the event has none. */
  readonly slice: readonly (DimensionValue | undefined)[];
  /** Whether it tells of a failure, and whether of which type is not known. */
  readonly failure?: 'known' | 'unknown';
}

/** An event of a known KPI, before it is known which series it counts in. Times in milliseconds. */
export interface ReadEvent {
  readonly id: string;
  readonly at: number;
  /** The time of its record. */
  readonly publishedAt: number;
  readonly value: number;
  /** Published by the reconciler, not by the process that saw it happen. */
  readonly reconciled: boolean;
  readonly particulars: Particulars;
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

/** Slices of all KPIs, times the deployments that publish them. */
const mostForms = 10_000;

/** What the events of one version of a KPI are held against. */
interface Rules {
  readonly topic: string;
  readonly idStart: string;
  readonly valueFault: ValueFault;
}

/** Reads records of KPI topics by the definitions of a catalogue. */
export function createReader(catalogue: Catalogue): ReadRecord {
  const rules = new Map(
    catalogue.definitions.map(definition => [definition, rulesOf(definition)] as const),
  );
  const forms = new EventForms<Particulars>(mostForms);
  return (record, limits) => {
    let recognized: Recognized<Particulars> | undefined;
    const { data, event } = decode(record, maxBytes, bytes => {
      recognized = forms.find(bytes);
      return recognized ?? parseJson(bytes);
    });
    if (event === undefined) throw new OrderlyError('KpiEventWithoutId');
    const { form, value, timestamp } = recognized ?? inFull(catalogue, data);
    const { topic, idStart, valueFault: faultOfValue } = rules.get(form.definition)!;
    const detail = faultOfValue(value);
    if (detail !== undefined) throw invalid({ path: 'value', detail });
    refuseForeignId(event.id, idStart);
    refuseLargeKey('id', Buffer.byteLength(event.id));
    // Of one KPI on another's topic no watermark would tell.
    if (record.topic !== topic)
      throw invalid({ path: 'kpi', detail: `belongs on the topic ${topic}` });
    const at = timeOf(timestamp, limits);
    if (recognized === undefined && record.value !== null) forms.learn(record.value, form);
    return {
      id: event.id,
      at,
      publishedAt: record.timestamp,
      value,
      reconciled: headerText(record.headers, 'ce_reconciled') === 'true',
      particulars: form,
    };
  };
}

const rulesOf = (definition: KpiDefinition): Rules => ({
  topic: kpiTopic(definition.name),
  idStart: `${definition.name}@${definition.version}:`,
  valueFault: valueFault(definition),
});

/** Reads an event whose form is not known. */
function inFull(catalogue: Catalogue, data: unknown): Recognized<Particulars> {
  const parsed = kpiEvent.schema.safeParse(data);
  if (!parsed.success) throw invalid(faultOf(parsed.error));
  const { value, timestamp } = parsed.data;
  const definition = definitionOf(catalogue, parsed.data);
  refuseDisagreement(parsed.data, definition);
  const metadata = new Map(parsed.data.metadata.map(each => [each.name, each.value]));
  const slice = definition.dimensions.map(({ name }) => metadata.get(name));
  const named = definition.dimensions.map(({ name }, i) => [name, slice[i]] as const);
  refuseLargeKey('slice', jsonBytes(Object.fromEntries(named)));
  const form = {
    definition,
    synthetic: metadata.get('synthetic') === true,
    deployment: String(metadata.get('deployment')),
    slice,
    failure: failureOf(definition, slice),
  };
  return { form, value, timestamp };
}

function definitionOf(catalogue: Catalogue, { kpi: name, version }: KpiEvent): KpiDefinition {
  const definition = catalogue.find(name, version);
  if (definition !== undefined && definition.retired === undefined) return definition;
  if (!catalogue.names.includes(name)) throw new OrderlyError('KpiUnknown', { name });
  throw new OrderlyError('KpiVersionUnknown', { name, version });
}

const invalid = (fault: { path: string; detail: string }): OrderlyError =>
  new OrderlyError('MessageInvalid', { type: kpiEvent.type, ...fault });

/** Added up with values of another metric or unit, a sum would be nonsense. */
function refuseDisagreement(event: KpiEvent, { formula }: KpiDefinition): void {
  for (const path of ['metric', 'unit'] as const) {
    if (event[path] !== formula[path]) {
      throw invalid({ path, detail: `must be ${formula[path]}, as its definition says` });
    }
  }
}

/** Under another's id it would count in that one's stead; under one made up, as often as it is sent. */
function refuseForeignId(id: string, start: string): void {
  const kind = id.slice(start.length, id.indexOf(':', start.length));
  if (id.startsWith(start) && kinds.has(kind)) return;
  throw new OrderlyError('KpiEventIdInvalid', { start, kinds: [...kinds].join(', ') });
}

function refuseLargeKey(part: string, bytes: number): void {
  if (bytes > mostKeyBytes) {
    throw new OrderlyError('KpiEventTooLarge', { part, bytes, limit: mostKeyBytes });
  }
}

const kinds: ReadonlySet<string> = new Set(occurrenceIdKinds);

function timeOf(timestamp: string, { oldest, newest }: TimeLimits): number {
  const at = Date.parse(timestamp);
  if (at < oldest) throw new OrderlyError('KpiEventTooLate', { timestamp });
  if (at > newest) throw new OrderlyError('KpiEventFromFuture', { timestamp });
  return at;
}

function failureOf(definition: KpiDefinition, slice: Particulars['slice']): Particulars['failure'] {
  const dimension = failureDimension(definition);
  const place = definition.dimensions.findIndex(({ name }) => name === dimension);
  if (slice[place] === undefined) return undefined;
  return slice[place] === unknownFailure ? 'unknown' : 'known';
}
