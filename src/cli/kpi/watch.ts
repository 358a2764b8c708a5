import { Command } from 'commander';
import { readConfig } from '../../config';
import { feedOf } from '../../kpi/feed';
import type { Ledger } from '../../ledger/counted';
import { readKpi } from '../../ledger/read';
import { examples } from '../terminal/examples';
import { interruptible, pause } from '../terminal/interrupt';
import { print } from '../terminal/output';
import { Screen } from '../terminal/screen';
import { type WatchedKpi, watchLines } from './watchLines';
import { withLedger } from './withLedger';

const minuteMs = 60_000;
const redrawMs = 2_000;
const blockMs = 30_000;

/** How many minutes a sparkline shows, where there is room. */
const shownMinutes = 30;

/** `orderly kpi watch`: all KPIs at a glance, again and again. */
export function watchCommand(): Command {
  return new Command('watch')
    .description('Watch KPIs live: the last minutes of each, with its state and target.')
    .argument('[names...]', 'these KPIs; by default all in force')
    .addHelpText(
      'after',
      `${examples('orderly kpi watch', 'orderly kpi watch order-latency revenue')}

Ctrl-C ends.`,
    )
    .action((names: string[]) =>
      interruptible(signal =>
        withLedger(readConfig(), names, ledger => watch(ledger, names, signal)),
      ),
    );
}

/** Redraws in place on a terminal; elsewhere writes a block now and then. */
async function watch(ledger: Ledger, names: readonly string[], signal: AbortSignal): Promise<void> {
  const inPlace = process.stdout.isTTY;
  const screen = new Screen(process.stdout);
  while (!signal.aborted) {
    const lines = watchLines(await lookAt(ledger, names, Date.now()), process.stdout.columns);
    if (inPlace) screen.draw(lines);
    else print(lines.join('\n'));
    await pause(inPlace ? redrawMs : blockMs, signal);
  }
}

/** The last minutes of these KPIs, or of all where none is named. `now` in milliseconds since the epoch. */
export async function lookAt(
  ledger: Ledger,
  names: readonly string[],
  now: number,
): Promise<WatchedKpi[]> {
  const { catalogue } = ledger;
  const until = Math.ceil(now / minuteMs) * minuteMs;
  const frame = { from: until - shownMinutes * minuteMs, until, windowMs: minuteMs, now };
  const watched: WatchedKpi[] = [];
  for (const kpi of names.length > 0 ? names : catalogue.names) {
    const definition = catalogue.inForce(kpi, now);
    if (definition === undefined) continue;
    const { fed } = feedOf(catalogue, definition);
    const { windows } = fed ? await readKpi(ledger, { kpi, ...frame }) : { windows: [] };
    watched.push({ definition, fed, windows });
  }
  return watched;
}
