import { createReader } from '../../src/ledger/readEvent';
import {
  attemptFailed,
  catalogueOf,
  definitionYaml,
  measured,
  milestone,
  orderRefused,
  stepEnded,
  workflowClosed,
} from '../kpi/samples';
import { asIncoming, eventRecord, type TestEvent, testKpi } from './events';

const now = Date.UTC(2026, 5, 1, 12);
const limits = { oldest: now - 1_000, newest: now + 1_000 };
const kpi = testKpi();
const read = createReader(kpi.catalogue);
const event: TestEvent = { id: 'e1', at: now, value: 2, failure: '40P01', channel: 'web' };

const taken = (changes: Partial<TestEvent> = {}) =>
  read(asIncoming(eventRecord(kpi, { ...event, ...changes })), limits);

function refusal(changes: Readonly<Record<string, unknown>>, of = event): string {
  try {
    read(asIncoming(eventRecord(kpi, of, changes)), limits);
  } catch (thrown) {
    return `${(thrown as { code: string }).code} ${(thrown as Error).message}`;
  }
  return 'taken';
}

describe('reading a KPI event', () => {
  it('takes what counts: id, time, value, deployment and the dimensions in the order defined', () => {
    expect(taken()).toMatchObject({
      id: `${kpi.name}@1:attempt:e1`,
      at: now,
      value: 2,
      reconciled: false,
      particulars: { synthetic: false, deployment: 'test', slice: ['40P01', 'web'] },
    });
    expect(taken({ failure: undefined }).particulars.slice).toEqual([undefined, 'web']);
  });

  it('tells test orders, and what the reconciliation found, from the rest', () => {
    expect(taken({ synthetic: true }).particulars.synthetic).toBe(true);
    const record = eventRecord(kpi, event);
    const repaired = { ...record, headers: { ...record.headers, ce_reconciled: 'true' } };
    expect(read(asIncoming(repaired), limits).reconciled).toBe(true);
  });

  it('tells failures whose type is known from those that nobody could tell', () => {
    expect(taken().particulars.failure).toBe('known');
    expect(taken({ failure: 'unknown' }).particulars.failure).toBe('unknown');
    expect(taken({ failure: undefined }).particulars.failure).toBeUndefined();
  });

  it('finds the failure in whatever dimension it goes into', () => {
    const renamed = testKpi({
      dimensions: '[{ name: error, from: [outcome, failure], bound: 9 }]',
    });
    const { catalogue } = renamed;
    const metadata = [
      { name: 'error', value: 'unknown' },
      { name: 'deployment', value: 'test' },
      { name: 'synthetic', value: false },
    ];
    const record = asIncoming(eventRecord(renamed, event, { metadata }));
    expect(createReader(catalogue)(record, limits).particulars.failure).toBe('unknown');
  });

  it.each([
    ['a KPI that is not defined', { kpi: 'nonesuch' }, 'KpiUnknown'],
    ['a version that is not defined', { version: 7 }, 'KpiVersionUnknown'],
    ['a value that is none', { value: 'many' }, 'MessageInvalid'],
    ['another unit than the definition', { unit: 'apples' }, 'must be errors'],
    ['another metric than the definition', { metric: 'pears' }, 'must be test_errors'],
    ['a time that is none', { timestamp: 'yesterday' }, 'MessageInvalid'],
    ['a time in the far past', { timestamp: '1999-01-01T00:00:00Z' }, 'KpiEventTooLate'],
    ['a time in the far future', { timestamp: '2099-01-01T00:00:00Z' }, 'KpiEventFromFuture'],
    ['metadata without deployment', { metadata: [] }, 'MessageInvalid'],
  ])('refuses %s', (_, changes, reason) => {
    expect(refusal(changes)).toContain(reason);
  });

  it('takes an event at either limit of time', () => {
    expect(taken({ at: limits.oldest }).at).toBe(limits.oldest);
    expect(taken({ at: limits.newest }).at).toBe(limits.newest);
  });

  it('refuses a value beyond what a number holds', () => {
    const record = asIncoming(eventRecord(kpi, event));
    const value = Buffer.from(String(record.value).replace('"value":2', '"value":1e999'));
    expect(() => read({ ...record, value }, limits)).toThrow('KpiEvent: value');
  });

  it('refuses an event without an id, since nobody could tell whether it came before', () => {
    const record = { ...asIncoming(eventRecord(kpi, event)), headers: {} };
    expect(() => read(record, limits)).toThrow(
      expect.objectContaining({ code: 'KpiEventWithoutId' }),
    );
  });

  it.each([
    ['of another KPI', 'revenue@1:attempt:e1'],
    ['of another version', `${kpi.name}@2:attempt:e1`],
    ['that is made up', 'e1'],
    ['of no kind of occurrence', `${kpi.name}@1:e1`],
    ['of a kind that there is not', `${kpi.name}@1:guess:e1`],
    ['that says no more than the kind', `${kpi.name}@1:attempt`],
  ])('refuses an event under an id %s', (_, id) => {
    const record = asIncoming(eventRecord(kpi, event));
    const headers = { ...record.headers, ce_id: Buffer.from(id) };
    expect(() => read({ ...record, headers }, limits)).toThrow(
      expect.objectContaining({ code: 'KpiEventIdInvalid' }),
    );
  });

  it('takes an event under the id of every kind of occurrence', () => {
    for (const occurrence of [
      ...[attemptFailed, stepEnded, milestone, workflowClosed, orderRefused, measured],
    ]) {
      const record = asIncoming(eventRecord(kpi, event));
      const id = `${kpi.name}@1:${occurrence.id}`;
      const headers = { ...record.headers, ce_id: Buffer.from(id) };
      expect(read({ ...record, headers }, limits).id).toBe(id);
    }
  });

  it("refuses an event on another KPI's topic, whose watermark says nothing of it", () => {
    const record = { ...asIncoming(eventRecord(kpi, event)), topic: 'OrderLatency' };
    expect(() => read(record, limits)).toThrow(kpi.topic);
  });

  it('refuses events of a version by which the KPI has ended', () => {
    const name = kpi.name;
    const catalogue = catalogueOf(
      definitionYaml({ name }),
      definitionYaml({
        name,
        version: '2',
        effectiveFrom: '2026-06-01',
        retired: 'Nobody has looked at it for years, and nobody will.',
      }),
    );
    const record = asIncoming(eventRecord(kpi, event, { version: 2 }));
    expect(() => createReader(catalogue)(record, limits)).toThrow('no version 2');
  });
});
