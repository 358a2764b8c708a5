/** On real Postgres: no event is too large to be refused, and none that is taken is too large to be kept. */
import fc from 'fast-check';
import { readKpi } from '../../src/ledger/read';
import { saveFindings } from '../../src/postgres/findings';
import { createDatabase, type TestDatabase } from '../support/database';
import { asIncoming, eventRecord, type TestKpi, testKpi } from './events';
import { station } from './station';

jest.setTimeout(60_000);

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database?.drop());

const at = Math.floor(Date.now() / 60_000) * 60_000;
const limit = 2_000;

type Value = string | number | boolean;

/** A KPI with so many dimensions, d0 and on. */
const kpiOf = (dimensions: number): TestKpi => {
  const names = Array.from({ length: dimensions }, (_, i) => `{ name: d${i}, bound: 1 }`);
  const set = Array.from({ length: dimensions }, (_, i) => `d${i}: x`);
  return testKpi({
    dimensions: `[${names.join()}]`,
    observes: `[{ occurrence: milestone, value: 1, set: { ${set.join()} } }]`,
  });
};

/** A text of characters, by default of four bytes, of which no two runs are alike: nothing compresses it. */
const text = (characters: number, salt: number, first = 0x20000, different = 40_000): string =>
  Array.from({ length: characters }, (_, i) =>
    String.fromCodePoint(first + ((i * 7_919 + salt * 104_729 + i * i * 31) % different)),
  ).join('');

const recordOf = (kpi: TestKpi, id: string, values: readonly Value[]) => {
  const metadata = [
    ...values.map((value, i) => ({ name: `d${i}`, value })),
    { name: 'deployment', value: 'test' },
    { name: 'synthetic', value: false },
  ];
  return asIncoming(eventRecord(kpi, { id, at, value: 1 }, { metadata }));
};

const sliceBytes = (values: readonly Value[]): number =>
  Buffer.byteLength(JSON.stringify(Object.fromEntries(values.map((value, i) => [`d${i}`, value]))));

async function counted(kpi: TestKpi): Promise<number | null> {
  const { ledger } = station(database, kpi.catalogue);
  const minute = { from: at, until: at + 60_000, windowMs: 60_000, now: at };
  const { windows } = await readKpi(ledger, { kpi: kpi.name, ...minute });
  return windows.reduce((sum, { count }) => sum + (count ?? 0), 0);
}

async function reasons({ topic }: TestKpi): Promise<string[]> {
  const { rows } = await database.pool.query<{ reason: string }>(
    'SELECT reason FROM refused_events WHERE topic = $1',
    [topic],
  );
  return rows.map(({ reason }) => reason);
}

describe('a ledger that is sent a large event', () => {
  it('refuses one whose values together are more than Postgres can index, and goes on', async () => {
    const kpi = kpiOf(3);
    const { handleEvent } = station(database, kpi.catalogue);
    await handleEvent(
      recordOf(
        kpi,
        'large',
        [0, 1, 2].map(salt => text(256, salt)),
      ),
    );
    await handleEvent(recordOf(kpi, 'small', ['a', 'b', 'c']));
    expect(await reasons(kpi)).toEqual(['KpiEventTooLarge']);
    expect(await counted(kpi)).toBe(1);
  });

  it('refuses one whose id is more than a finding of the reconciliation can be kept under', async () => {
    const kpi = kpiOf(1);
    const { handleEvent } = station(database, kpi.catalogue);
    // An attribute has at most 1,024 characters, and these have three bytes each.
    const id = text(900, 1, 0x4e00, 20_000);
    await handleEvent(recordOf(kpi, id, ['a']));
    expect(await reasons(kpi)).toEqual(['KpiEventTooLarge']);
    const finding = {
      ...{ eventId: `${kpi.name}@1:attempt:${id}`, verdict: 'unexplained' as const, at },
      ...{ kpi: kpi.name, occurrence: 'attempt-failed', detail: 'Temporal has no such workflow' },
    };
    await expect(saveFindings(database.pool, 'deep', [finding])).rejects.toThrow('index row size');
  });

  it('keeps whatever it takes, up to the limit, of any number of values of any kind', async () => {
    const value = fc.oneof(
      fc.integer({ min: 1, max: 256 }).map(characters => text(characters, characters)),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.boolean(),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(value, { minLength: 1, maxLength: 12 }), async drawn => {
        const values = filledUp(drawn);
        expect(sliceBytes(values)).toBeGreaterThan(limit - 16);
        const kpi = kpiOf(values.length);
        const { handleEvent } = station(database, kpi.catalogue);
        // The second value of a dimension that has room for one counts as other.
        const others = values.map(its => (its === 'y' ? 'z' : 'y'));
        await Promise.all([
          handleEvent(recordOf(kpi, 'e', values)),
          handleEvent(recordOf(kpi, 'f', others)),
        ]);
        expect(await reasons(kpi)).toEqual([]);
        expect(await counted(kpi)).toBe(2);
      }),
      { numRuns: 25, endOnFailure: true },
    );
  });
});

/** Longer or shorter, so that the slice is as large as can be. */
function filledUp(drawn: readonly Value[]): Value[] {
  const values = [...drawn];
  while (sliceBytes(values) > limit) values.pop();
  while (values.length < 16 && sliceBytes([...values, 'x']) <= limit) {
    const room = Math.floor((limit - sliceBytes([...values, ''])) / 4);
    values.push(room > 0 ? text(Math.min(room, 256), values.length) : 'x');
  }
  return values;
}
