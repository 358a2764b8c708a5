import { Command } from 'commander';
import { readConfig } from '../../config';
import { reportKpi } from '../../ledger/report';
import { versionToRead } from '../../ledger/versions';
import { once, wholeNumber } from '../terminal/arguments';
import { examples } from '../terminal/examples';
import { print, printJson } from '../terminal/output';
import { frameOf, type PeriodOptions, withPeriod } from './period';
import { turnLines } from './turns';
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
    .option('--by <dimension>', 'one row for each value of this dimension', once)
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
missing (somebody who counts was not there, or nobody measured). REVISION: how often one of its minutes changed after that was over.
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
    const report = await reportKpi(ledger, query);
    if (json) return printJson(report);
    const definition = versionToRead(ledger.catalogue, kpi, query.until, report.version);
    print(`${definition.title} (${kpi}, version ${report.version}), in ${report.unit}`);
    if (!report.fed) return print(`Not fed yet: ${report.why}.`);
    for (const line of turnLines(ledger.catalogue, definition, query)) print(line);
    for (const one of report.comparisons) print(comparisonLine(definition, one));
    print(`\n${windowsTable(definition, report.windows)}`);
    if (report.unexplained !== undefined) print(`\n${doubtLine(report.unexplained)}`);
  });
}
