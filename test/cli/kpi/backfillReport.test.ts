import { backfilledJson, describeBackfilled } from '../../../src/cli/kpi/backfillReport';
import type { Backfilled } from '../../../src/watcher/backfill';

const from = Date.parse('2026-03-01T10:00:00Z');
const version = { name: 'order-latency', version: 2 };
const done: Backfilled = {
  span: { from, to: from + 60_000 },
  ...{ runs: 1_200, published: 2_386, refusedBefore: {}, known: 14 },
};

const span = 'What closed from 2026-03-01T10:00:00.000Z until 2026-03-01T10:01:00.000Z:';

describe('what a back-fill came to', () => {
  it('is told in one sentence', () => {
    expect(describeBackfilled(version, done)).toBe(
      `${span}\n1200 workflows read; of order-latency, version 2, 2386 events are published, and 14 were in the ledger already.`,
    );
  });

  it('has the reasons for which the ledger refused some of it before', () => {
    const refusedBefore = { MessageInvalid: 6, KpiEventIdInvalid: 1 };
    expect(describeBackfilled(version, { ...done, refusedBefore })).toBe(
      `${span}\n1200 workflows read; of order-latency, version 2, 2386 events are published, 7 of them the ledger had refused before (KpiEventIdInvalid 1, MessageInvalid 6), and 14 were in the ledger already.`,
    );
  });

  it('says what to do where the ledger may still lack the definition', () => {
    const refusedBefore = { KpiVersionUnknown: 2_386 };
    const text = describeBackfilled(version, { ...done, refusedBefore });
    expect(text).toContain(', 2386 of them the ledger had refused before (KpiVersionUnknown), and');
    expect(text).toMatch(/\nA ledger reads the definitions when it starts: unless it was started/);
  });

  it('is told to scripts by the same figures', () => {
    const refusedBefore = { KpiVersionUnknown: 2_386 };
    expect(backfilledJson(version, { ...done, refusedBefore })).toEqual({
      ...{ kpi: 'order-latency', version: 2 },
      ...{ from: '2026-03-01T10:00:00.000Z', to: '2026-03-01T10:01:00.000Z' },
      ...{ runs: 1_200, published: 2_386, refusedBefore, known: 14 },
    });
  });
});
