/** The windows of a time, one after the other, in numbers and in words. */
import { OrderlyError } from '../errors';
import type { Span } from '../kpi/spans';

/** A window's time. RFC 3339 in UTC; `end` is not part of it. */
export interface WindowSpan extends Span {
  readonly start: string;
  readonly end: string;
}

interface Windows extends Span {
  readonly windowMs: number;
}

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

/** More than any screen or report shows, and little enough to hold in memory. */
const mostWindows = 200_000;

/** @throws OrderlyError UsageInvalid */
export function refuseTooMany(frame: Windows): void {
  const count = countOf(frame);
  if (count <= mostWindows) return;
  const detail = `These are ${count} windows; at most ${mostWindows} are read at once. Take longer ones`;
  throw new OrderlyError('UsageInvalid', { detail });
}

export function spansOf(frame: Windows): WindowSpan[] {
  const { from, windowMs } = frame;
  const count = countOf(frame);
  const edges = Array.from({ length: count + 1 }, (_, number) => from + number * windowMs);
  const texts = edges.map(isoOf());
  return Array.from({ length: count }, (_, number) => ({
    from: edges[number]!,
    until: edges[number + 1]!,
    start: texts[number]!,
    end: texts[number + 1]!,
  }));
}

const countOf = ({ from, until, windowMs }: Windows): number => (until - from) / windowMs;

/** As `toISOString`, which for a month of minutes takes longer than their percentiles. */
function isoOf(): (time: number) => string {
  const ofDay = Array.from({ length: dayMs / minuteMs }, (_, minute) =>
    new Date(minute * minuteMs).toISOString().slice(-14),
  );
  let day = Number.NaN;
  let date = '';
  return time => {
    const begin = Math.floor(time / dayMs) * dayMs;
    if (begin !== day) {
      day = begin;
      date = new Date(begin).toISOString().slice(0, -14);
    }
    return `${date}${ofDay[(time - begin) / minuteMs]}`;
  };
}
