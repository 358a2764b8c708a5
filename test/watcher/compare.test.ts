import { compare } from '../../src/watcher/compare';
import type { ExpectedEvent } from '../../src/watcher/expectedEvent';

const expected: ExpectedEvent = {
  id: 'revenue@1:milestone:order-a:OrderConfirmed',
  kpi: 'revenue',
  occurrence: 'milestone',
  synthetic: false,
  slice: { currency: 'EUR', channel: 'web' },
  value: 500,
};
const counted = {
  at: 0,
  value: 500,
  provisional: false,
  synthetic: false,
  slice: { currency: 'EUR', channel: 'web' },
};

describe('an expected event', () => {
  it('matches what is counted alike', () => {
    expect(compare(expected, counted)).toEqual({ kind: 'matched' });
  });

  it('matches in what is known of it', () => {
    const { value: _, ...unvalued } = expected;
    const partly = { ...unvalued, slice: { currency: 'EUR' } };
    expect(compare(partly, { ...counted, value: 3 })).toEqual({ kind: 'matched' });
  });

  it('matches a dimension that had no room for its value', () => {
    const beyond = { ...counted, slice: { currency: 'EUR', channel: 'other' } };
    expect(compare(expected, beyond)).toEqual({ kind: 'matched' });
  });

  it('is missing where the ledger never met it', () => {
    expect(compare(expected, undefined)).toEqual({ kind: 'missing' });
  });

  it('is unexplained, in words, where the ledger counts it otherwise', () => {
    const other = { ...counted, value: 400, synthetic: true, slice: { currency: 'USD' } };
    expect(compare(expected, other)).toEqual({
      kind: 'unexplained',
      detail: [
        'synthetic is true in the ledger and false in Temporal',
        'the value is 400 in the ledger and 500 in Temporal',
        'currency is USD in the ledger and EUR in Temporal',
        'channel is undefined in the ledger and web in Temporal',
      ].join('; '),
    });
  });

  it.each(['KpiUnknown', 'KpiVersionUnknown'])(
    'is missing where the ledger refused it by %s: started anew, it takes it',
    refused => {
      expect(compare(expected, { refused })).toEqual({ kind: 'missing', refused });
    },
  );

  it('is unexplained where the ledger refused it otherwise: publishing it again would change nothing', () => {
    expect(compare(expected, { refused: 'KpiEventTooLate' })).toEqual({
      kind: 'unexplained',
      detail: 'the ledger refused it: KpiEventTooLate',
    });
  });
});

describe('a failed attempt', () => {
  const attempt = (failure: 'known' | 'unknown'): ExpectedEvent => ({
    id: 'failed-attempts@1:attempt:order-a:r:1:1',
    kpi: 'failed-attempts',
    occurrence: 'attempt-failed',
    synthetic: false,
    slice: { failure: failure === 'known' ? '40P01' : 'unknown' },
    value: 1,
    failure,
  });
  const inLedger = (failure: string) => ({
    ...counted,
    value: 1,
    slice: { failure },
    provisional: failure === 'unknown',
  });

  it.each([
    ['known', '40P01', 'matched'],
    ['known', 'unknown', 'known-better'],
    ['known', 'ShelfLocked', 'unexplained'],
    ['unknown', '40P01', 'matched'],
    ['unknown', 'unknown', 'matched'],
  ] as const)(
    'whose failure is %s to Temporal and %s in the ledger is %s',
    (temporal, ledger, kind) => {
      expect(compare(attempt(temporal), inLedger(ledger)).kind).toBe(kind);
    },
  );
});
