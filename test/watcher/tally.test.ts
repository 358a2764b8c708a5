import fc from 'fast-check';
import type { ParityRow } from '../../src/postgres/parity';
import { type Compared, hourOf, Tally } from '../../src/watcher/tally';

const event = fc.record({
  id: fc.string(),
  kpi: fc.constantFrom('revenue', 'order-latency'),
  occurrence: fc.constantFrom('milestone' as const, 'workflow-closed' as const),
  at: fc.integer({ min: 1.7e12, max: 1.7e12 + 3 * 3_600_000 }),
});
const results = ['matched', 'repaired', 'unexplained'] as const;

const events = fc.uniqueArray(fc.tuple(event, fc.constantFrom(...results)), {
  selector: ([{ id }]) => id,
});

it('every event is counted once, in its hour, and those that stood out are named', () => {
  fc.assert(
    fc.property(events, all => {
      const tally = new Tally();
      for (const [compared, result] of all) tally[result](compared, result);
      const same = (row: ParityRow, other: Compared) =>
        row.kpi === other.kpi && row.occurrence === other.occurrence;
      for (const row of tally.parity) {
        for (const result of results) {
          const mine = all.filter(
            ([it, its]) =>
              its === result && same(row, it) && it.at >= row.hour && it.at < row.hour + 3_600_000,
          );
          expect(row[result]).toBe(mine.length);
        }
        expect(row.hour).toBe(hourOf(row.hour));
      }
      const sum = tally.parity.reduce(
        (n, row) => n + row.matched + row.repaired + row.unexplained,
        0,
      );
      expect(sum).toBe(all.length);
      const stoodOut = all.filter(([, result]) => result !== 'matched');
      expect(tally.findings.map(({ eventId, verdict }) => [eventId, verdict])).toEqual(
        stoodOut.map(([{ id }, result]) => [id, result]),
      );
    }),
  );
});

it('a repair counts once, however often it is told', () => {
  const tally = new Tally();
  const lost = { id: 'a', kpi: 'revenue', occurrence: 'milestone', at: 1.7e12 } as const;
  for (const _ of [1, 2]) tally.repaired(lost, 'it was not in the ledger');
  expect(tally.findings).toHaveLength(1);
  expect(tally.parity).toMatchObject([{ matched: 0, repaired: 1, unexplained: 0 }]);
});
