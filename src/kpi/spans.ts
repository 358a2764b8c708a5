/** Spans of time and their unions. Times are milliseconds since the epoch; `until` is not part of a span. */

export interface Span {
  readonly from: number;
  readonly until: number;
}

/** Any number of spans as one set of times, ready to be asked about many windows. */
export class Times {
  /** Apart from each other, in ascending order. */
  private readonly spans: readonly Span[];

  constructor(spans: readonly Span[]) {
    const merged: Span[] = [];
    const begun = spans.filter(({ from, until }) => from < until);
    for (const span of begun.sort((a, b) => a.from - b.from)) {
      const last = merged.at(-1);
      if (last === undefined || last.until < span.from) merged.push(span);
      else if (last.until < span.until) {
        merged[merged.length - 1] = { from: last.from, until: span.until };
      }
    }
    this.spans = merged;
  }

  /** Whether any moment of the span is among them. */
  touch({ from, until }: Span): boolean {
    const next = this.firstEndingAfter(from);
    return next !== undefined && next.from < until;
  }

  /** Whether every moment of the span is among them. */
  cover({ from, until }: Span): boolean {
    const next = this.firstEndingAfter(from);
    return next !== undefined && next.from <= from && next.until >= until;
  }

  private firstEndingAfter(time: number): Span | undefined {
    let low = 0;
    let high = this.spans.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.spans[middle]!.until <= time) low = middle + 1;
      else high = middle;
    }
    return this.spans[low];
  }
}
