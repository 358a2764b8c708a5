import fc from 'fast-check';
import { derive } from '../../src/kpi/derive';
import type { Occurrence } from '../../src/kpi/occurrence';
import { kpiEvent } from '../../src/messages/kpiEvent';
import {
  attemptFailed,
  catalogueOf,
  definitionYaml,
  measured,
  milestone,
  orderRefused,
  stepEnded,
  workflowClosed,
} from './samples';

const occurrences: readonly Occurrence[] = [
  attemptFailed,
  stepEnded,
  milestone,
  workflowClosed,
  orderRefused,
  measured,
];

const anyText = fc.string({ unit: 'binary', maxLength: 300 });
const anyOccurrence: fc.Arbitrary<Occurrence> = fc
  .record({
    sample: fc.constantFrom(...occurrences),
    id: fc.uuid(),
    at: fc.integer({ min: 0, max: Date.UTC(2100, 0) }),
    versionAt: fc.integer({ min: 0, max: Date.UTC(2100, 0) }),
    synthetic: fc.boolean(),
    named: anyText,
    seconds: fc.double(),
  })
  .map(
    ({ sample, named, seconds, ...base }) =>
      ({
        ...sample,
        ...base,
        ...('failure' in sample && { failure: named }),
        ...('outcome' in sample && { outcome: named }),
        ...('seconds' in sample && { seconds }),
      }) as Occurrence,
  );

const everything = catalogueOf(
  ...occurrences.map(({ occurrence }) =>
    definitionYaml({
      name: `any-${occurrence}`,
      observes: `[{ occurrence: ${occurrence}, value: 1 }]`,
      dimensions: occurrence === 'attempt-failed' ? '[{ name: failure, bound: 9 }]' : '[]',
    }),
  ),
  definitionYaml({
    name: 'any-duration',
    formula: '{ kind: distribution, metric: duration, unit: seconds }',
    target: '{ statistic: p95, atMost: 1 }',
    observes:
      '[{ occurrence: step-ended, value: seconds }, { occurrence: milestone, value: seconds }, { occurrence: workflow-closed, value: seconds }]',
    dimensions: '[{ name: outcome, bound: 10 }]',
  }),
  definitionYaml({ name: 'any-failure', observes: '[{ occurrence: attempt-failed, value: 1 }]' }),
);

describe('deriving KPI events', () => {
  it('gives the event that the definition describes', () => {
    const catalogue = catalogueOf(
      definitionYaml({ dimensions: '[{ name: error, from: failure, bound: 5 }]' }),
    );

    expect(derive(catalogue, attemptFailed, '1.2.3')).toEqual([
      {
        id: 'test-errors@1:attempt:order-o1:run-1:1:1',
        data: {
          kpi: 'test-errors',
          version: 1,
          metric: 'test_errors',
          value: 1,
          unit: 'errors',
          timestamp: '2026-06-01T12:00:00.000Z',
          metadata: [
            { name: 'error', value: '40P01' },
            { name: 'deployment', value: '1.2.3' },
            { name: 'synthetic', value: false },
            { name: 'workflowId', value: 'order-o1' },
          ],
        },
      },
    ]);
  });

  it.each<[string, Partial<typeof attemptFailed>, boolean]>([
    ['activity: reserveStock', {}, true],
    ['activity: [announce, reserveStock]', {}, true],
    ['activity: [announce]', {}, false],
    ['attempt: { atLeast: 3 }', { attempt: 3 }, true],
    ['attempt: { atLeast: 3 }', { attempt: 2 }, false],
    ['synthetic: false', {}, true],
    ['synthetic: true', {}, false],
    ['activity: reserveStock, failure: NoStock', {}, false],
    ['workflowType: order', { workflowType: undefined }, false],
  ])('with the filter %s and %j gives an event: %s', (where, changes, expected) => {
    const catalogue = catalogueOf(
      definitionYaml({
        observes: `[{ occurrence: attempt-failed, where: { ${where} }, value: 1 }]`,
      }),
    );

    expect(derive(catalogue, { ...attemptFailed, ...changes } as Occurrence, '1')).toHaveLength(
      expected ? 1 : 0,
    );
  });

  it('takes the value from the field named', () => {
    expect(
      derive(everything, milestone, '1').find(e => e.data.kpi === 'any-duration')?.data.value,
    ).toBe(milestone.seconds);
  });

  it('takes what a process measured', () => {
    const catalogue = catalogueOf(
      definitionYaml({
        formula: '{ kind: gauge, metric: intake_lag, unit: orders }',
        observes: '[{ occurrence: measured, where: { source: intake-lag }, value: amount }]',
        dimensions: '[]',
        target: '{ statistic: maximum, atMost: 1 }',
      }),
    );

    expect(derive(catalogue, measured, '1')).toMatchObject([
      { id: `test-errors@1:${measured.id}`, data: { value: 12, unit: 'orders' } },
    ]);
    expect(derive(catalogue, { ...measured, source: 'another' }, '1')).toEqual([]);
  });

  it('gives no event where the value is missing', () => {
    const catalogue = catalogueOf(
      definitionYaml({
        formula: '{ kind: sum, metric: revenue, unit: minor units }',
        observes: '[{ occurrence: milestone, value: total }]',
        dimensions: '[]',
      }),
    );
    const { total: _, ...unpriced } = milestone;

    expect(derive(catalogue, milestone, '1')).toHaveLength(1);
    expect(derive(catalogue, unpriced, '1')).toEqual([]);
  });

  it('leaves out a dimension that the occurrence lacks, and takes what the definition sets', () => {
    const catalogue = catalogueOf(
      definitionYaml({
        observes:
          '[{ occurrence: order-refused, value: 1, set: { activity: intake } }, { occurrence: attempt-failed, value: 1 }]',
        dimensions: '[{ name: activity, bound: 5 }, { name: failure, bound: 5 }]',
      }),
    );

    expect(derive(catalogue, orderRefused, '1')[0]?.data.metadata).toEqual([
      { name: 'activity', value: 'intake' },
      { name: 'deployment', value: '1' },
      { name: 'synthetic', value: false },
    ]);
  });

  it('counts an occurrence once where two observations of one definition match', () => {
    const catalogue = catalogueOf(
      definitionYaml({
        observes:
          '[{ occurrence: attempt-failed, where: { failure: 40P01 }, value: 1, set: { failure: first } }, { occurrence: attempt-failed, value: 1 }]',
      }),
    );

    const events = derive(catalogue, attemptFailed, '1');
    expect(events).toHaveLength(1);
    expect(events[0]?.data.metadata[0]).toEqual({ name: 'failure', value: 'first' });
  });

  it('takes the version by versionAt, whenever it is derived and whatever the time of the event', () => {
    const catalogue = catalogueOf(
      definitionYaml(),
      definitionYaml({ version: '2', effectiveFrom: '2026-06-01' }),
    );
    const versionOf = (versionAt: string) =>
      derive(catalogue, { ...attemptFailed, versionAt: Date.parse(versionAt) }, '1')[0]?.data
        .version;

    expect(versionOf('2025-12-31')).toBeUndefined();
    expect(versionOf('2026-05-31')).toBe(1);
    expect(versionOf('2026-06-01')).toBe(2);
  });

  it('lets go of a KPI whose version in force no longer observes the occurrence', () => {
    const catalogue = catalogueOf(
      definitionYaml(),
      definitionYaml({
        version: '2',
        effectiveFrom: '2026-02-01',
        observes: '[{ occurrence: order-refused, value: 1 }]',
        dimensions: '[]',
      }),
    );

    expect(derive(catalogue, attemptFailed, '1')).toEqual([]);
  });

  it('derives the same events again, each with an id of its own', () => {
    fc.assert(
      fc.property(anyOccurrence, occurrence => {
        const events = derive(everything, occurrence, '1');

        expect(derive(everything, structuredClone(occurrence), '1')).toEqual(events);
        expect(new Set(events.map(e => e.id)).size).toBe(events.length);
      }),
    );
  });

  it('gives different occurrences different ids', () => {
    fc.assert(
      fc.property(fc.uniqueArray(anyOccurrence, { selector: o => o.id }), unique => {
        const ids = unique.flatMap(o => derive(everything, o, '1').map(e => e.id));

        expect(new Set(ids).size).toBe(ids.length);
      }),
    );
  });

  it('never gives a slice of more bytes than the ledger keeps, whatever code calls its failures', () => {
    const long = fc.string({
      unit: fc.constantFrom('a', '"', '\\', 'é', '語', '𠀋', ' '),
      minLength: 200,
      maxLength: 300,
    });
    fc.assert(
      fc.property(
        long,
        fc.integer({ min: 1, max: 16 }),
        fc.integer({ min: 3, max: 64 }),
        (text, n, letters) => {
          const names = Array.from({ length: n }, (_, i) => `d${i}`.padEnd(letters, 'x'));
          const dimensions = names.map(name => `{ name: ${name}, from: failure, bound: 1 }`);
          const catalogue = catalogueOf(definitionYaml({ dimensions: `[${dimensions.join()}]` }));
          const [event] = derive(catalogue, { ...attemptFailed, failure: text }, '1');
          const kept = event!.data.metadata.filter(({ name }) => names.includes(name));
          const slice = Object.fromEntries(kept.map(({ name, value }) => [name, value]));
          expect(Object.keys(slice)).toHaveLength(text.trim() === '' ? 0 : n);
          expect(Buffer.byteLength(JSON.stringify(slice))).toBeLessThanOrEqual(2_000);
          expect(kpiEvent.schema.safeParse(event!.data)).toMatchObject({ success: true });
        },
      ),
    );
  });

  it('leaves texts of a usual length as they are, however many dimensions there are', () => {
    const names = Array.from({ length: 16 }, (_, i) => `d${i}`);
    const dimensions = names.map(name => `{ name: ${name}, from: failure, bound: 1 }`);
    const catalogue = catalogueOf(definitionYaml({ dimensions: `[${dimensions.join()}]` }));
    const failure = 'PaymentProviderUnavailable "at once", mehrmals überprüft';
    const [event] = derive(catalogue, { ...attemptFailed, failure: failure.slice(0, 50) }, '1');
    const values = event!.data.metadata.slice(0, 16).map(({ value }) => value);
    expect(values).toEqual(Array(16).fill(failure.slice(0, 50)));
  });

  it('only ever gives events that fit the schema of KPI events', () => {
    fc.assert(
      fc.property(anyOccurrence, occurrence => {
        for (const { data } of derive(everything, occurrence, '0.1.0')) {
          expect(kpiEvent.schema.safeParse(data)).toMatchObject({ success: true });
        }
      }),
    );
  });
});
