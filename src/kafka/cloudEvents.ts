/**
 * CloudEvents 1.0 over Kafka (github.com/cloudevents/spec, kafka-protocol-binding.md). Three forms come
 * in: plain JSON, binary mode (attributes in `ce_` headers, the data is the value) and structured mode
 * (one JSON object holds both). One form goes out: binary.
 */
import { OrderlyError } from '../errors';
import { messages } from '../messages';
import { isTimestamp } from '../messages/fields';
import { schemaUrn } from '../messages/message';
import type { Headers, IncomingRecord } from './record';
import { textOf } from './recordHeaders';

/** The attributes of an event; the same `source` and `id` is the same event. */
export interface CloudEventAttributes {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  /** RFC 3339. */
  readonly time?: string;
  readonly subject?: string;
  readonly dataschema?: string;
}

export interface Decoded {
  readonly data: unknown;
  /** Absent for plain JSON. */
  readonly event?: CloudEventAttributes;
  /** W3C trace context of the sender, where it is valid. */
  readonly traceparent?: string;
}

/** `source` of everything that this program writes. */
const ourSource = 'urn:orderly';

const json = 'application/json';
const structuredJson = 'application/cloudevents+json';
const longestAttribute = 1024;

/**
 * Reads a record. Only the form is judged here, not the shape of the data.
 * @param largest bytes of the value at most
 * @param parseData for whoever reads data faster than JSON.parse, where it is all of the value
 * @throws OrderlyError BatchUnreadable, EmptyMessage, MessageTooLarge, NotJson or CloudEventInvalid
 */
export function decode(
  { value, headers, unreadable }: Pick<IncomingRecord, 'value' | 'headers' | 'unreadable'>,
  largest: number,
  parseData: (bytes: Buffer) => unknown = parseJson,
): Decoded {
  if (unreadable !== undefined) throw new OrderlyError('BatchUnreadable', { ...unreadable });
  if (value === null || value.length === 0) throw new OrderlyError('EmptyMessage');
  if (value.length > largest) {
    throw new OrderlyError('MessageTooLarge', { bytes: value.length, limit: largest });
  }
  const traceparent = traceparentOf(headers);
  const contentType = headerOf(headers, 'content-type')?.split(';')[0]?.trim().toLowerCase();
  if (contentType === structuredJson) return { ...fromStructured(parseJson(value)), traceparent };
  if (contentType?.startsWith('application/cloudevents')) {
    throw invalid(`its content-type is not ${structuredJson}`);
  }
  const event = binaryEvent(headers);
  return { data: parseData(value), ...(event && { event }), traceparent };
}

/**
 * The attributes that the headers alone give, for a record whose value can not be read: it is the same
 * event all the same. Undefined where the headers are those of no valid event.
 */
export function eventOfHeaders(headers: Headers): CloudEventAttributes | undefined {
  try {
    return binaryEvent(headers);
  } catch (thrown) {
    if (thrown instanceof OrderlyError) return undefined;
    throw thrown;
  }
}

function binaryEvent(headers: Headers): CloudEventAttributes | undefined {
  for (const name in headers) {
    if (name.startsWith('ce_')) return attributesOf(attribute => fromHeader(headers, attribute));
  }
  return undefined;
}

function headerOf(headers: Headers, name: string): string | undefined {
  const { [name]: value } = headers;
  return value && textOf(value);
}

function fromHeader(headers: Headers, name: string): string | undefined {
  const bytes = headers[`ce_${name}`];
  if (bytes === undefined) return undefined;
  const text = textOf(bytes);
  if (text === undefined) throw invalid(`its ${name} is not UTF-8`);
  return text;
}

function fromStructured(envelope: unknown): Pick<Decoded, 'data' | 'event'> {
  if (typeof envelope !== 'object' || envelope === null || Array.isArray(envelope)) {
    throw invalid('its value is not a JSON object');
  }
  const fields = new Map<string, unknown>(Object.entries(envelope));
  const event = attributesOf(name => fields.get(name) ?? undefined);
  if (fields.has('data') === fields.has('data_base64')) {
    throw invalid('it has not exactly one of data and data_base64');
  }
  return { event, data: fields.has('data') ? fields.get('data') : fromBase64(fields) };
}

function fromBase64(fields: ReadonlyMap<string, unknown>): unknown {
  const encoded = fields.get('data_base64');
  if (typeof encoded !== 'string') throw invalid('its data_base64 is not a text');
  const bytes = Buffer.from(encoded, 'base64');
  if (bytes.toString('base64') !== encoded) throw invalid('its data_base64 is not base64');
  return parseJson(bytes);
}

type Read = (name: string) => unknown;

function attributesOf(read: Read): CloudEventAttributes {
  if (required(read, 'specversion') !== '1.0') throw invalid('its specversion is not 1.0');
  const time = optional(read, 'time');
  if (time !== undefined && !isTimestamp(time)) throw invalid('its time is not RFC 3339');
  return {
    id: required(read, 'id'),
    source: required(read, 'source'),
    type: required(read, 'type'),
    time,
    subject: optional(read, 'subject'),
    dataschema: optional(read, 'dataschema'),
  };
}

function required(read: Read, name: string): string {
  const value = optional(read, name);
  if (value === undefined) throw invalid(`it has no ${name}`);
  return value;
}

function optional(read: Read, name: string): string | undefined {
  const value = read(name);
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || value === '') throw invalid(`its ${name} is not a text`);
  if (value.length > longestAttribute) {
    throw invalid(`its ${name} has more than ${longestAttribute} characters`);
  }
  if (!printable.test(value) && unprintable.test(value)) {
    throw invalid(`its ${name} has characters that no attribute may have`);
  }
  return value;
}

/** Nearly every attribute; and found out in a fraction of the time. */
const printable = /^[ -~]*$/;
const unprintable = /[\p{Cc}\p{Cs}]/u;

const invalid = (detail: string): OrderlyError => new OrderlyError('CloudEventInvalid', { detail });

/**
 * The reasons of JSON.parse quote the text, which may be personal data: only its position is kept.
 * @throws OrderlyError NotJson
 */
export function parseJson(bytes: Buffer): unknown {
  const text = textOf(bytes);
  if (text === undefined) throw new OrderlyError('NotJson', { detail: 'it is not UTF-8' });
  if (text.startsWith('\uFEFF')) {
    throw new OrderlyError('NotJson', { detail: 'it begins with a byte order mark' });
  }
  try {
    return JSON.parse(text);
  } catch (thrown) {
    const position = /at position \d+/.exec(String(thrown))?.[0];
    const detail = `it does not parse${position === undefined ? '' : ` ${position}`}`;
    throw new OrderlyError('NotJson', { detail });
  }
}

/** https://www.w3.org/TR/trace-context/#traceparent-header; what is malformed is to be ignored. */
const traceparentPattern =
  /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

function traceparentOf(headers: Headers): string | undefined {
  const text = headerOf(headers, 'traceparent');
  return text !== undefined && traceparentPattern.test(text) ? text : undefined;
}

/** An event of ours, before it is a record. */
export interface OutgoingEvent {
  /** A type that src/messages defines. */
  readonly type: string;
  /** Derived, never random: the same event always has the same id. */
  readonly id: string;
  /** Key of the record and subject of the event: the order id, for an order's events. */
  readonly key: string;
  readonly data: unknown;
  /** Default: `urn:orderly`. */
  readonly source?: string;
  /** When it happened, RFC 3339. */
  readonly time?: string;
  readonly traceparent?: string;
}

export interface EncodedEvent {
  readonly key: string;
  readonly value: string;
  readonly headers: Readonly<Record<string, string>>;
}

const schemaUrns: ReadonlyMap<string, string> = new Map(
  messages.map(message => [message.type, schemaUrn(message)]),
);

/** Writes an event in binary mode, with the URN of its JSON Schema where its type has one. */
export function encode(event: OutgoingEvent): EncodedEvent {
  const headers: Record<string, string> = {
    ce_specversion: '1.0',
    ce_id: event.id,
    ce_source: event.source ?? ourSource,
    ce_type: event.type,
    ce_subject: event.key,
    'content-type': json,
  };
  const dataschema = schemaUrns.get(event.type);
  if (dataschema !== undefined) headers.ce_dataschema = dataschema;
  if (event.time !== undefined) headers.ce_time = event.time;
  if (event.traceparent !== undefined) headers.traceparent = event.traceparent;
  return { key: event.key, value: JSON.stringify(event.data), headers };
}
