/** Arguments of command lines, judged before anything is sent. */
import { InvalidArgumentError } from 'commander';
import type { z } from 'zod';
import { durationMs, isDuration } from '../../kpi/duration';
import { isTimestamp } from '../../messages/fields';

/** A whole number of at least `least`, and at most `most` where that is given. */
export const wholeNumber =
  (least: number, most?: number) =>
  (text: string): number => {
    const value = Number(text);
    if (!/^-?\d+$/.test(text) || value < least || value > (most ?? Number.MAX_SAFE_INTEGER)) {
      const bounds = most === undefined ? `of at least ${least}` : `from ${least} to ${most}`;
      throw new InvalidArgumentError(`It must be a whole number ${bounds}.`);
    }
    return value;
  };

/** An option that is given once: of two, one would be passed over without a word. */
export function once(text: string, before: string | undefined): string {
  if (before === undefined) return text;
  throw new InvalidArgumentError('It can be given once.');
}

/** A number above zero. */
export function positiveNumber(text: string): number {
  const value = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || !(value > 0)) {
    throw new InvalidArgumentError('It must be a number above 0.');
  }
  return value;
}

/** A number from 0 to 1. */
export function share(text: string): number {
  const value = Number(text);
  if (!/^\d*\.?\d+$/.test(text) || value > 1) {
    throw new InvalidArgumentError('It must be a number from 0 to 1.');
  }
  return value;
}

const waitUnits = new Map([
  ['ms', 1],
  ['s', 1_000],
  ['m', 60_000],
]);

const longestWaitMs = 3_600_000;

/** A short span such as 300ms, 2s or 1m, in milliseconds. */
export function wait(text: string): number {
  const [, number, unit = ''] = /^(\d{1,6})(ms|s|m)$/.exec(text) ?? [];
  const milliseconds = Number(number) * (waitUnits.get(unit) ?? Number.NaN);
  if (milliseconds <= longestWaitMs) return milliseconds;
  throw new InvalidArgumentError(
    'It must be a whole number with ms, s or m, at most 60m: 300ms, 2s, 1m.',
  );
}

/** A span such as 15m, 1h or 30d, in milliseconds. */
export function duration(text: string): number {
  if (isDuration(text)) return durationMs(text);
  throw new InvalidArgumentError(
    'It must be a number from 1 to 9999 with m, h or d: 15m, 1h, 30d.',
  );
}

/** An RFC 3339 time, or a day for its UTC midnight, in milliseconds since the epoch. */
export function pointInTime(text: string): number {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text;
  if (isTimestamp(time)) return Date.parse(time);
  throw new InvalidArgumentError('It must be a time such as 2026-01-31T09:30:00Z, or a day.');
}

/** What a field of a message takes. */
export const fieldOf =
  <T>(schema: z.ZodType<T>) =>
  (text: string): T => {
    const result = schema.safeParse(text);
    if (result.success) return result.data;
    throw new InvalidArgumentError(`It ${result.error.issues[0]?.message ?? 'is not valid'}.`);
  };
