import type { IncomingRecord } from '../../src/kafka/record';

let nextOffset = 0;

/** A record of `OrderReceived` as the consumer hands it over; each has an offset of its own. */
export function incomingRecord(
  value: unknown,
  {
    headers = {},
    ...rest
  }: Partial<Omit<IncomingRecord, 'value' | 'headers'>> & {
    headers?: Record<string, string>;
  } = {},
): IncomingRecord {
  const bytes =
    Buffer.isBuffer(value) || value === null ? value : Buffer.from(JSON.stringify(value));
  return {
    topic: 'OrderReceived',
    partition: 0,
    offset: String(nextOffset++),
    key: null,
    timestamp: Date.parse('2026-01-31T09:30:01Z'),
    ...rest,
    value: bytes as Buffer | null,
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)]),
    ),
  };
}

/** Headers of a CloudEvent in binary mode. */
export const eventHeaders = (id: string, source = 'urn:test') => ({
  ce_specversion: '1.0',
  ce_id: id,
  ce_source: source,
  ce_type: 'OrderReceived',
});
