import { Command } from 'commander';
import { readConfig } from '../../config';
import { feedOf } from '../../kpi/feed';
import { compareKpi } from '../../ledger/compare';
import { readKpi } from '../../ledger/read';
import { versionToRead } from '../../ledger/versions';
import { wholeNumber } from '../terminal/arguments';
import { examples } from '../terminal/examples';
import { print, printJson } from '../terminal/output';
import { frameOf, type PeriodOptions, withPeriod } from './period';
import { comparisonLine, doubtLine, windowsTable } from './windowsTable';
import { withLedger } from './withLedger';

interface ShowOptions extends PeriodOptions {
  readonly by?: string;
  readonly version?: number;
  readonly json?: true;
}

/** `orderly kpi show`: the figures of a KPI, window by window. */
export function showCommand(): Command {
  const command = new Command('show')
    .description('Show the figures of a KPI, each with what is known of it.')
    .argument('<name>', 'the KPI, order-latency for example');
  return withPeriod(command)
    .option('--by <dimension>', 'one row for each value of this dimension')
    .option('--version <n>', 'this version, rather than the one in force', wholeNumber(1))
    .option('--json', 'print JSON, with all figures')
    .addHelpText(
      'after',
      `${examples(
        'orderly kpi show order-latency',
        'orderly kpi show revenue --last 30d --window 1d',
        'orderly kpi show inventory-errors --from 2026-01-31 --by error --json',
      )}

States: complete; no-traffic (nothing happened); partial (not all is counted yet, or some never will be);
missing (nobody was there to count). A revision above 0: it has changed since it was over.
docs/reading-kpis.md explains all of it.`,
    )
    .action((name: string, options: ShowOptions) => show(name, options));
}

async function show(kpi: string, { by, version, json, ...period }: ShowOptions): Promise<void> {
  const query = {
    kpi,
    ...(by !== undefined && { by }),
    ...(version !== undefined && { version }),
    ...frameOf(period, Date.now()),
  };
  await withLedger(readConfig(), [kpi], async ledger => {
    // Before anything is printed: it refuses what can not be shown.
    const reading = await readKpi(ledger, query);
    if (json) return printJson(reading);
    const definition = versionToRead(ledger.catalogue, kpi, query.until, version);
    const feed = feedOf(ledger.catalogue, definition);
    const whole = feed.fed ? await compareKpi(ledger, query) : [];
    const { title, name, version: shown, formula } = definition;
    print(`${title} (${name}, version ${shown}), in ${formula.unit}`);
    if (!feed.fed) return print(`Not fed yet: ${feed.why}.`);
    for (const one of whole) print(comparisonLine(definition, one));
    print(`\n${windowsTable(definition, reading.windows)}`);
    if (reading.unexplained !== undefined) print(`\n${doubtLine(reading.unexplained)}`);
  });
}
