/** Spans of time as definitions write them: `1m`, `5m`, `1h`, `28d`. */

const unitMs = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

export const durationPattern = /^([1-9][0-9]{0,3})([mhd])$/;

export const isDuration = (text: string): boolean => durationPattern.test(text);

/**
 * The span in milliseconds.
 * @throws RangeError where it is no duration; a definition that was loaded holds none of these.
 */
export function durationMs(text: string): number {
  const [, number, unit] = durationPattern.exec(text) ?? [];
  if (number === undefined || unit === undefined) throw new RangeError(`${text} is no duration`);
  return Number(number) * unitMs[unit as keyof typeof unitMs];
}
