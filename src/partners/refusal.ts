/** What a partner answers instead of doing what it was asked: part of its protocol, not an error of ours. */
import { isDeepStrictEqual } from 'node:util';
import type { z } from 'zod';

/** The HTTP status of each. */
export const refusalStatuses = {
  /** The call does not have the shape that the protocol asks for. */
  Invalid: 400,
  NotFound: 404,
  /** The key was voided, or its booking cancelled: it will never hold or book anything. */
  Voided: 409,
  Cancelled: 409,
  /** The key came before with another body. */
  KeyReused: 422,
  /** More than is held, or more than was captured. */
  ExceedsHold: 422,
  ExceedsCapture: 422,
  AddressRefused: 422,
  Unavailable: 503,
} as const;

export type RefusalCode = keyof typeof refusalStatuses;

export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;

  constructor(
    readonly code: RefusalCode,
    readonly reason: string,
  ) {
    super(reason);
    this.status = refusalStatuses[code];
  }
}

/** What the caller sent, where it has the shape asked for. @throws Refusal Invalid */
export function take<T>(schema: z.ZodType<T>, sent: unknown): T {
  const result = schema.safeParse(sent);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new Refusal('Invalid', `${issue?.path.join('.') || 'the whole'}: ${issue?.message}`);
}

/** @throws Refusal NotFound */
export function found<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Refusal('NotFound', `there is no ${what}`);
  return value;
}

/** A key may be repeated only with what it came with first. @throws Refusal KeyReused */
export function sameBody<Call extends object>(key: string, call: Call, first: Call): void {
  const kept = new Map<string, unknown>(Object.entries(first));
  for (const [field, value] of Object.entries(call)) {
    if (!isDeepStrictEqual(kept.get(field), value)) {
      throw new Refusal('KeyReused', `${key} came before with another ${field}`);
    }
  }
}

/** The time of an entry, RFC 3339. */
export const now = (): string => new Date().toISOString();
