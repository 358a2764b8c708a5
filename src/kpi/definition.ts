/**
 * A KPI definition: what is measured, for whom, against which target, over which window.
 * One YAML file under `kpis/` per version; docs/kpis/README.md explains every field.
 */
import { z } from 'zod';
import { durationPattern } from './duration';
import { occurrenceKinds } from './fields';
import { longestName } from './keySize';

const prose = z.string().trim().min(20);
const scalar = z.union([z.string(), z.number(), z.boolean()]);
const duration = (example: string) =>
  z.string().regex(durationPattern, { error: `a duration such as ${example}`, abort: true });

export const kpiName = z
  .string()
  .max(64)
  .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'a kebab-case name');

const condition = z.union(
  [scalar, z.array(scalar).min(1), z.strictObject({ atLeast: z.number() })],
  'a value, a list of values, or {atLeast: number}',
);

const observation = z.strictObject({
  occurrence: z.enum(occurrenceKinds).describe('What happened.'),
  where: z
    .record(z.string(), condition)
    .optional()
    .describe('A filter by fields of the occurrence, all of which must hold.'),
  value: z
    .union([z.number(), z.string()])
    .describe('The value taken: a number, or the name of a field that is a number.'),
  set: z
    .record(z.string(), z.string())
    .optional()
    .describe('Fixed values for dimensions that this occurrence has no field for.'),
});

const dimension = z.strictObject({
  name: z
    .string()
    .max(longestName)
    .regex(/^[a-z][A-Za-z0-9]*$/, 'a camelCase name')
    .describe('Name of the dimension.'),
  from: z
    .union([z.string().transform(field => [field]), z.array(z.string()).min(1)])
    .optional()
    .describe('The field, or fields in order of preference, taken. Default: its own name.'),
  bound: z
    .int()
    .positive()
    .describe('How many different values are kept apart; further ones count as `other`.'),
  apart: z
    .literal(true)
    .optional()
    .describe('Its values never add up (currencies): every figure is one of a single value.'),
});

const measure = {
  metric: z
    .string()
    .max(64)
    .regex(/^[a-z][a-z0-9_]*$/, 'a snake_case name')
    .describe('Name of the value, on every event.'),
  unit: z.string().min(1).max(32).describe('Unit of the value, on every event.'),
};

const good = z
  .record(z.string(), z.array(scalar).min(1))
  .optional()
  .describe('The slices that are good, by dimension; their share of all is the ratio.');

const term = z.strictObject({
  kpi: kpiName.describe('The KPI whose figure is taken.'),
  statistic: z.enum(['count', 'sum']).describe('Its number of events, or the sum of their values.'),
  times: z.number().positive().default(1).describe('A factor, a price for example. Default: 1.'),
});

const formula = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('count'), ...measure, good }),
  z.strictObject({ kind: z.literal('sum'), ...measure, good }),
  z.strictObject({ kind: z.literal('ratio'), ...measure }),
  z.strictObject({ kind: z.literal('distribution'), ...measure, good }),
  z.strictObject({ kind: z.literal('gauge'), ...measure }),
  z.strictObject({
    kind: z.literal('derived'),
    ...measure,
    numerator: z.array(term).min(1).describe('The terms that are added up.'),
    denominator: z.array(term).min(1).describe('The terms whose sum the numerator is divided by.'),
  }),
]);

const statistic = z.enum([
  'count',
  'sum',
  'sumPerMinute',
  'average',
  'minimum',
  'maximum',
  'p50',
  'p90',
  'p95',
  'p99',
  'ratio',
]);

const target = z
  .strictObject({
    statistic: statistic.describe('The figure that is judged.'),
    atMost: z.number().optional(),
    atLeast: z.number().optional(),
  })
  .refine(t => (t.atMost === undefined) !== (t.atLeast === undefined), {
    message: 'give either atMost or atLeast',
  });

const threshold = z
  .strictObject({
    above: z.number().optional(),
    below: z.number().optional(),
    windows: z.int().min(1).max(1440).describe('In how many windows in a row.'),
    severity: z
      .enum(['page', 'ticket'])
      .describe('page wakes somebody, ticket waits for the morning.'),
    statistic: statistic.optional().describe("The figure compared. Default: the target's."),
  })
  .refine(t => (t.above === undefined) !== (t.below === undefined), {
    message: 'give either above or below',
  });

export const definitionShape = z.strictObject({
  name: kpiName.describe('kebab-case; the topic is its PascalCase.'),
  version: z.int().positive().describe('A whole number from 1. A released version never changes.'),
  effectiveFrom: z
    .union([z.iso.date(), z.iso.datetime()], {
      error: 'must be a day that there is (2026-01-31) or a UTC time (2026-01-31T09:00:00Z)',
    })
    .describe(
      'A date (its UTC midnight) or a UTC time; holds until the next version takes effect.',
    ),
  retired: prose
    .optional()
    .describe('Why the KPI ends with this version: from its effectiveFrom on nothing is counted.'),
  title: z.string().trim().min(3).describe('The name that people see.'),
  objective: prose.describe('What the business wants to be true.'),
  formula: formula.describe('How events become a figure.'),
  window: duration('1m, 5m, 1h or 1d').describe('The span over which it is judged.'),
  observes: z
    .array(observation)
    .default([])
    .describe('The occurrences it counts. Of several that match one occurrence the first holds.'),
  dimensions: z
    .array(dimension)
    .max(16)
    .describe('What is kept of each occurrence; nothing else is.'),
  target: target.describe('When it is as it should be.'),
  thresholds: z.array(threshold).min(1).max(8).describe('When somebody is told.'),
  slo: z
    .strictObject({ period: duration('28d').describe('The span of the error budget.') })
    .optional()
    .describe('Makes the target a service level objective with an error budget.'),
  owner: z
    .strictObject({ business: z.string().min(3), engineering: z.string().min(3) })
    .describe('Who answers for it.'),
  runbook: z.string().min(3).describe('The page to open when it is out of bounds.'),
  counterMetric: z
    .strictObject({
      kpis: z.array(kpiName).default([]).describe('The KPIs to look at.'),
      because: prose.describe('What would get worse if this were improved at any price.'),
    })
    .describe('What to read beside it.'),
  justification: z
    .strictObject({
      clear: prose.describe('Which objective, which outcome?'),
      measurable: prose.describe('How is it captured and checked?'),
      explainable: prose.describe('How is it said in one question?'),
      influenceable: prose.describe('How can the business affect it?'),
      context: prose.describe('What is it read beside and compared with?'),
    })
    .describe('The five questions.'),
  reviewBy: z.iso.date().describe('The date by which its owners ask whether it is still right.'),
});

/** A definition as it was loaded and found consistent. */
export type KpiDefinition = Readonly<z.infer<typeof definitionShape>>;
export type Observation = z.infer<typeof observation>;
export type Condition = z.infer<typeof condition>;
export type Formula = z.infer<typeof formula>;
export type Term = z.infer<typeof term>;
export type Threshold = z.infer<typeof threshold>;
export type Statistic = z.infer<typeof statistic>;
