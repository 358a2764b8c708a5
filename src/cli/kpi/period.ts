/** The options that choose a time, for every command that reads figures. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { OrderlyError } from '../../errors';
import { durationMs } from '../../kpi/duration';
import type { Frame } from '../../ledger/counted';
import { duration, pointInTime } from '../terminal/arguments';

export interface PeriodOptions {
  /** Milliseconds. */
  readonly last: number;
  readonly from?: number;
  readonly to?: number;
  readonly window: number;
}

const hourMs = 3_600_000;
const windowLengths = ['1m', '1h', '1d'];

export const withPeriod = (command: Command): Command =>
  command
    .addOption(
      new Option('--last <span>', 'up to now, 15m, 1h or 30d for example')
        .argParser(duration)
        .default(hourMs, '1h')
        .conflicts(['from', 'to']),
    )
    .option('--from <time>', 'from this time or day on (UTC)', pointInTime)
    .option('--to <time>', 'until this time or day; by default until now', pointInTime)
    .addOption(
      new Option('--window <length>', `length of a window: ${windowLengths.join(', ')}`)
        .argParser(windowLength)
        .default(60_000, '1m'),
    );

function windowLength(text: string): number {
  if (windowLengths.includes(text)) return durationMs(text);
  throw new InvalidArgumentError(`It must be one of ${windowLengths.join(', ')}.`);
}

/**
 * Ends with the window under way at the latest: of those after it nothing can be known.
 * @param now milliseconds since the epoch
 * @throws OrderlyError UsageInvalid
 */
export function frameOf({ last, from, to, window }: PeriodOptions, now: number): Frame {
  const underWay = Math.ceil(now / window) * window;
  if (from === undefined) {
    if (to !== undefined) throw wrong('--to needs --from');
    // As many windows as were asked for.
    return { from: underWay - Math.max(last, window), until: underWay, windowMs: window, now };
  }
  const until = to ?? now;
  refuseUnlessBegun(from, until, now);
  return { from, until: Math.min(until, underWay), windowMs: window, now };
}

/** Of a time that is empty, or lies in the future, nothing can be said. @throws OrderlyError UsageInvalid */
export function refuseUnlessBegun(from: number, to: number, now: number): void {
  if (from >= now) throw wrong('--from lies in the future');
  if (from >= to) throw wrong('--from must be before --to');
}

const wrong = (detail: string) => new OrderlyError('UsageInvalid', { detail });
