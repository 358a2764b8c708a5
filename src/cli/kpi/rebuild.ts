import { Command } from 'commander';
import { Registry } from 'prom-client';
import { readConfig } from '../../config';
import { readKpiCatalogue } from '../../kpiCatalogue';
import { createLedgerMetrics } from '../../ledger/metrics';
import { type Rebuilt, rebuild } from '../../ledger/rebuild';
import { commandKafka } from '../servers/kafka';
import { commandLogger } from '../servers/logger';
import { withDatabase } from '../servers/postgres';
import { examples } from '../terminal/examples';
import { interruptible } from '../terminal/interrupt';
import { print, printJson, table } from '../terminal/output';

interface RebuildOptions {
  readonly json?: true;
}

/** `orderly kpi rebuild`: all figures anew from the topics. */
export const rebuildCommand = (): Command =>
  new Command('rebuild')
    .description(
      'Count all that the topics of the KPIs hold anew, compare, and take the new figures.',
    )
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `${examples('orderly kpi rebuild', 'orderly kpi rebuild --json')}

The live figures stay in use until the new ones have caught up; counting goes on meanwhile. What is older
than a topic reaches back keeps the figures that it has. Only one runs at a time.`,
    )
    .action((options: RebuildOptions) => interruptible(signal => run(options, signal)));

async function run({ json }: RebuildOptions, signal: AbortSignal): Promise<void> {
  const config = readConfig();
  // One connection is kept for the lock that makes it the only one.
  const connections = Math.max(2, config.DATABASE_POOL_SIZE);
  const rebuilt = await withDatabase({ ...config, DATABASE_POOL_SIZE: connections }, pool =>
    rebuild({
      ...{ pool, signal, kafka: commandKafka(config), catalogue: readKpiCatalogue() },
      keepDays: config.LEDGER_KEEP_DAYS,
      graceSeconds: config.KPI_GRACE_SECONDS,
      metrics: createLedgerMetrics(new Registry()),
      logger: commandLogger(config),
    }),
  );
  if (json) printJson(asJson(rebuilt));
  else print(describe(rebuilt));
}

const timeOf = (from: number): string => new Date(from).toISOString();

const asJson = ({ reaches, comparison }: Rebuilt) => ({
  reaches: reaches.map(({ kpi, from }) => ({ kpi, from: timeOf(from) })),
  comparison,
});

const heads = [
  'KPI',
  'version',
  'events before',
  'after',
  'sum before',
  'after',
  'minutes changed',
];
const rightAligned = new Set([1, 2, 3, 4, 5, 6]);

function describe({ reaches, comparison }: Rebuilt): string {
  const rows = comparison.map(row => [
    row.kpi,
    String(row.version),
    String(row.countBefore),
    String(row.countAfter),
    row.sumBefore,
    row.sumAfter,
    String(row.minutesChanged),
  ]);
  const reach = reaches.map(({ kpi, from }) => `${kpi} reaches back to ${timeOf(from)}`);
  return [table([heads, ...rows], rightAligned), ...reach].join('\n');
}
