/** Running figures over the KPI events of a sliding window; pure. Times are milliseconds since the epoch. */

/** One observation. `id` is its event id: what is seen twice counts once. */
export interface Observed {
  readonly id: string;
  readonly at: number;
  readonly value: number;
}

export interface Distribution {
  readonly count: number;
  readonly average: number;
  readonly p95: number;
  readonly maximum: number;
}

export class SlidingWindow {
  private readonly observed = new Map<string, Observed>();

  constructor(private readonly windowMs: number) {}

  /** False for an event that is known already. */
  add(event: Observed): boolean {
    if (this.observed.has(event.id)) return false;
    this.observed.set(event.id, event);
    return true;
  }

  /** Of the events of the window up to `now`; undefined where there are none. */
  distribution(now: number): Distribution | undefined {
    this.forget(now);
    const values = [...this.observed.values()].map(({ value }) => value).sort((a, b) => a - b);
    if (values.length === 0) return undefined;
    return {
      count: values.length,
      average: values.reduce((sum, value) => sum + value, 0) / values.length,
      p95: percentile(values, 95),
      maximum: values.at(-1)!,
    };
  }

  /** The sum of the values in the last minute up to `now`. */
  sumOfLastMinute(now: number): number {
    this.forget(now);
    let sum = 0;
    for (const { at, value } of this.observed.values()) if (at > now - 60_000) sum += value;
    return sum;
  }

  /** Events come nearly, but not wholly, in the order of their times. */
  private forget(now: number): void {
    for (const [id, { at }] of this.observed)
      if (at <= now - this.windowMs) this.observed.delete(id);
  }
}

/**
 * The nearest-rank percentile: the smallest value that at least `percent` of 100 do not exceed.
 * https://www.itl.nist.gov/div898/handbook/prc/section2/prc262.htm
 * @param sorted ascending, at least one
 */
export function percentile(sorted: readonly number[], percent: number): number {
  const rank = Math.ceil((percent / 100) * sorted.length);
  return sorted[Math.max(rank, 1) - 1]!;
}
