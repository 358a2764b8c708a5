/**
 * What a KPI definition may use of an occurrence, by kind. Ids, times and trace contexts are not among
 * them: they have no bound, so they are neither filters nor dimensions.
 */
import type { Occurrence } from './occurrence';

export type OccurrenceKind = Occurrence['occurrence'];
export type OccurrenceOf<K extends OccurrenceKind> = Extract<Occurrence, { occurrence: K }>;
type FieldType = 'text' | 'number' | 'flag';
type Unbounded = 'occurrence' | 'id' | 'at' | 'versionAt' | 'workflowId' | 'runId' | 'traceparent';

const everywhere = { workflowType: 'text', taskQueue: 'text', synthetic: 'flag' } as const;

export const occurrenceFields: {
  readonly [K in OccurrenceKind]: Readonly<
    Record<Exclude<keyof OccurrenceOf<K>, Unbounded>, FieldType>
  >;
} = {
  'attempt-failed': { ...everywhere, activity: 'text', attempt: 'number', failure: 'text' },
  'step-ended': {
    ...everywhere,
    step: 'text',
    outcome: 'text',
    seconds: 'number',
    provider: 'text',
  },
  milestone: {
    ...everywhere,
    name: 'text',
    seconds: 'number',
    outcome: 'text',
    total: 'number',
    currency: 'text',
    channel: 'text',
    region: 'text',
    unknownProducts: 'number',
  },
  'workflow-closed': { ...everywhere, outcome: 'text', seconds: 'number' },
  'order-refused': { ...everywhere, kind: 'text' },
  measured: {
    ...everywhere,
    source: 'text',
    amount: 'number',
    subject: 'text',
    kind: 'text',
    depth: 'text',
    result: 'text',
  },
};

/** The field that names what an occurrence is about; the fast check whether anything observes it uses it. */
export const subjectField = {
  'attempt-failed': 'activity',
  'step-ended': 'step',
  milestone: 'name',
  'workflow-closed': 'workflowType',
  'order-refused': 'kind',
  measured: 'source',
} as const satisfies { [K in OccurrenceKind]: keyof (typeof occurrenceFields)[K] };

export const occurrenceKinds = Object.keys(occurrenceFields) as [
  OccurrenceKind,
  ...OccurrenceKind[],
];

/** The type of a field of this kind of occurrence, or undefined where it has no such field. */
export function fieldType(kind: OccurrenceKind, field: string): FieldType | undefined {
  const fields: Readonly<Record<string, FieldType>> = occurrenceFields[kind];
  return Object.hasOwn(fields, field) ? fields[field] : undefined;
}
