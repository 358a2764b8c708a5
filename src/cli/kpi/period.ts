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

/** @param now milliseconds since the epoch @throws OrderlyError UsageInvalid */
export function frameOf({ last, from, to, window }: PeriodOptions, now: number): Frame {
  if (from === undefined) {
    if (to !== undefined) throw wrong('--to needs --from');
    // Ends with the window under way, so that as many windows are shown as were asked for.
    const until = Math.ceil(now / window) * window;
    return { from: until - Math.max(last, window), until, windowMs: window, now };
  }
  const until = to ?? now;
  if (to === undefined && from >= now) throw wrong('--from lies in the future');
  if (from >= until) throw wrong('--from must be before --to');
  return { from, until, windowMs: window, now };
}

const wrong = (detail: string) => new OrderlyError('UsageInvalid', { detail });
