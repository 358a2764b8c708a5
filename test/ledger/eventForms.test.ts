import fc from 'fast-check';
import { OrderlyError } from '../../src/errors';
import { createReader } from '../../src/ledger/readEvent';
import { asIncoming, eventRecord, type TestEvent, testKpi } from './events';

const now = Date.UTC(2026, 5, 1, 12);
const limits = { oldest: now - 1_000, newest: now + 1_000 };
const kpi = testKpi();
const event: TestEvent = { id: 'e1', at: now, value: 2 };

/** A value of an event, as text: what it holds is put together by hand, so that it can be wrong in any way. */
interface Parts {
  readonly version: string;
  readonly value: string;
  readonly unit: string;
  readonly timestamp: string;
  readonly channel: string;
  readonly workflowId: string;
  readonly end: string;
}

const parts: fc.Arbitrary<Parts> = fc.record({
  version: fc.constantFrom('1', '1', '1', '2', '1.0'),
  value: fc.oneof(
    fc.integer({ min: 0, max: 5 }).map(String),
    fc.double({ min: 0, max: 9, noNaN: true }).map(String),
    fc.constantFrom('-1', '1e3', '1E-2', '-0', '1e999', '01', '.5', '"1"', 'null', '7'),
  ),
  unit: fc.constantFrom('errors', 'errors', 'errors', 'apples', '\\u0065rrors'),
  timestamp: fc.oneof(
    fc.integer({ min: now - 1_500, max: now + 1_500 }).map(at => new Date(at).toISOString()),
    fc.constantFrom(
      'yesterday',
      '2026-02-30T00:00:00Z',
      '2026-06-01T14:00:00+02:00',
      '',
      '\\u0032',
    ),
  ),
  channel: fc.constantFrom('"web"', '"web"', '"ä"', '1', 'true', '""', '"a\\"b"'),
  workflowId: fc.oneof(
    fc.constantFrom('', 'order-1', 'ä', 'a\\"b', '\\u0007', ' ', '~', 'x'.repeat(257)),
    fc.string({ maxLength: 9 }).map(text => JSON.stringify(text).slice(1, -1)),
  ),
  end: fc.constantFrom(
    ...['', '', '', '', ',"value":5', ',"timestamp":"2026-06-01T12:00:00Z"', ',"kpi":"other"'],
    ...[',"metadata":[]', ',"more":{"value":1}', ' ', ',"value":1', ',"value":2', '}'],
  ),
});

function textOf(given: Parts): string {
  const { version, value, unit, timestamp, channel, workflowId, end } = given;
  const start = `{"kpi":"${kpi.name}","version":${version},"metric":"test_errors","value":${value}`;
  const metadata = [
    `{"name":"channel","value":${channel}}`,
    '{"name":"deployment","value":"test"},{"name":"synthetic","value":false}',
    ...(workflowId === '' ? [] : [`{"name":"workflowId","value":"${workflowId}"}`]),
  ];
  return `${start},"unit":"${unit}","timestamp":"${timestamp}","metadata":[${metadata}]${end}}`;
}

function outcome(read: ReturnType<typeof createReader>, text: string): unknown {
  const record = asIncoming(eventRecord(kpi, event), { timestamp: now });
  try {
    return read({ ...record, value: Buffer.from(text) }, limits);
  } catch (thrown) {
    return thrown instanceof OrderlyError ? `${thrown.code}: ${thrown.message}` : thrown;
  }
}

describe('events of a form that is known', () => {
  it('come out, or are refused, as if nothing had been read before, whatever they hold', () => {
    const learned = createReader(kpi.catalogue);
    fc.assert(
      fc.property(parts, given => {
        const text = textOf(given);
        expect(outcome(learned, text)).toEqual(outcome(createReader(kpi.catalogue), text));
      }),
      { numRuns: 3_000 },
    );
  });

  it.each([
    ['value', ',"value":5'],
    ['value, of which the first one had the same', ',"value":7'],
    ['value that is no likely one', ',"value":1'],
    ['timestamp', ',"timestamp":"2026-06-01T12:00:00Z"'],
    [
      'metadata',
      ',"metadata":[{"name":"deployment","value":"d"},{"name":"synthetic","value":true}]',
    ],
  ])('are read in full each time where a second %s overrules the first', (_, end) => {
    const learned = createReader(kpi.catalogue);
    for (const value of ['7', '5', '3']) {
      const text = textOf({
        ...{ version: '1', value, unit: 'errors', timestamp: new Date(now).toISOString() },
        ...{ channel: '"web"', workflowId: 'order-1', end },
      });
      expect(outcome(learned, text)).toEqual(outcome(createReader(kpi.catalogue), text));
    }
  });

  it('share their particulars, whatever their value, time and workflow are', () => {
    const read = createReader(kpi.catalogue);
    const of = (value: string, workflowId: string, channel = '"web"') =>
      outcome(
        read,
        textOf({
          ...{
            version: '1',
            value,
            unit: 'errors',
            timestamp: new Date(now + Number(value)).toISOString(),
          },
          ...{ channel, workflowId, end: '' },
        }),
      ) as { particulars: unknown; value: number; at: number };
    const first = of('1', 'order-1');
    const second = of('2', 'order-2');
    expect(second.particulars).toBe(first.particulars);
    expect([second.value, second.at]).toEqual([2, now + 2]);
    expect(of('2', 'order-2', '"shop"').particulars).not.toBe(first.particulars);
  });
});
