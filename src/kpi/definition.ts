/**
 * A KPI definition: what is measured, for whom, against which target, over which window.
 * One YAML file under `kpis/` each; docs/kpis/README.md explains every field.
 */
import { z } from 'zod';
import { contradictions } from './contradictions';
import { occurrenceKinds } from './fields';

const prose = z.string().trim().min(20);
const scalar = z.union([z.string(), z.number(), z.boolean()]);

const condition = z.union(
  [scalar, z.array(scalar).min(1), z.strictObject({ atLeast: z.number() })],
  'a value, a list of values, or {atLeast: number}',
);

const observation = z.strictObject({
  occurrence: z.enum(occurrenceKinds),
  where: z.record(z.string(), condition).optional(),
  value: z.union([z.number(), z.string()]),
  /** Dimensions that this observation gives a fixed value, where the occurrence has no field for them. */
  set: z.record(z.string(), z.string()).optional(),
});

const dimension = z.strictObject({
  name: z.string().regex(/^[a-z][A-Za-z0-9]*$/, 'a camelCase name'),
  /** The field, or the fields in order of preference, that it is taken from. Default: its own name. */
  from: z.union([z.string().transform(field => [field]), z.array(z.string()).min(1)]).optional(),
  /** How many different values there can be. */
  bound: z.int().positive(),
});

const statistics = ['sumPerMinute', 'average', 'maximum', 'p50', 'p95', 'p99', 'share'] as const;

const target = z
  .strictObject({
    statistic: z.enum(statistics),
    atMost: z.number().optional(),
    atLeast: z.number().optional(),
  })
  .refine(t => (t.atMost === undefined) !== (t.atLeast === undefined), {
    message: 'give either atMost or atLeast',
  });

const shape = z.strictObject({
  name: z
    .string()
    .max(64)
    .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'a kebab-case name'),
  version: z.int().positive(),
  effectiveFrom: z.iso
    .date()
    .or(z.iso.datetime())
    .describe('a date (its UTC midnight) or a UTC time'),
  title: z.string().trim().min(3),
  objective: prose,
  formula: z.strictObject({
    kind: z.enum(['count', 'sum', 'ratio', 'distribution']),
    metric: z
      .string()
      .max(64)
      .regex(/^[a-z][a-z0-9_]*$/, 'a snake_case name'),
    unit: z.string().min(1).max(32),
  }),
  window: z.string().regex(/^[1-9][0-9]*[smhd]$/, 'a duration such as 1m, 5m, 1h or 1d'),
  observes: z.array(observation).min(1),
  dimensions: z.array(dimension).max(16),
  target,
  thresholds: z.strictObject({ warning: z.number(), critical: z.number() }),
  severity: z.enum(['ticket', 'page']).optional(),
  owner: z.strictObject({ business: z.string().min(3), engineering: z.string().min(3) }),
  runbook: z.string().min(3),
  counterMetric: prose,
  justification: z.strictObject({
    clear: prose,
    measurable: prose,
    explainable: prose,
    influenceable: prose,
    context: prose,
  }),
});

/** A definition as it was loaded and found consistent. */
export type KpiDefinition = Readonly<z.infer<typeof shape>>;
export type Observation = z.infer<typeof observation>;
export type Condition = z.infer<typeof condition>;

export const kpiDefinition = shape.superRefine((definition, context) => {
  for (const { path, message } of contradictions(definition)) {
    context.addIssue({ code: 'custom', path, message });
  }
});
