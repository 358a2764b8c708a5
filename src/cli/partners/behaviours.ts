/** Behaviours as the command line shows them, and under which options it sets them. */
import { z } from 'zod';
import { table } from '../terminal/output';
import type { PartnerName } from './ask';

/** What a partner answers: the fields that it has. */
export const behaviour = z.record(z.string(), z.number());

export type Behaviour = Readonly<z.output<typeof behaviour>>;

/** Each field, with its option, in the order of the columns. */
export const fields = {
  fail: 'fail',
  latencyMs: 'latency',
  delayMs: 'delay',
  decline: 'decline',
  refuse: 'refuse',
  loseAnswer: 'lose-answer',
  duplicate: 'duplicate',
  lie: 'lie',
} as const;

const names = Object.keys(fields);

/** One row for each partner; a dash where it has no such trouble. */
export function behavioursTable(
  behaviours: readonly (readonly [PartnerName, Behaviour])[],
): string {
  const rows = behaviours.map(([name, shown]) => [name, ...names.map(field => cell(shown, field))]);
  return table(
    [['partner', ...Object.values(fields)], ...rows],
    new Set(names.map((_, index) => index + 1)),
  );
}

function cell(shown: Behaviour, field: string): string {
  const value = shown[field];
  if (value === undefined) return '-';
  return field.endsWith('Ms') ? `${value}ms` : String(value);
}
