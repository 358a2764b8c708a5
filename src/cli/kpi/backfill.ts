import { Command } from 'commander';
import { OrderlyError } from '../../errors';
import type { KpiDefinition } from '../../kpi/definition';
import { readKpiCatalogue } from '../../kpiCatalogue';
import { backfill } from '../../watcher/backfill';
import { pointInTime, wholeNumber } from '../terminal/arguments';
import { examples } from '../terminal/examples';
import { interruptible } from '../terminal/interrupt';
import { print, printJson } from '../terminal/output';
import { type Progress, progressBar } from '../terminal/progress';
import { backfilledJson, describeBackfilled } from './backfillReport';
import { versionOf } from './explain';
import { type SpanOptions, spanOf, withPasses } from './withPasses';

interface BackfillOptions extends SpanOptions {
  readonly from: number;
  readonly version?: number;
  readonly json?: true;
}

/** `orderly kpi backfill`: what a version would have counted before it was there. */
export const backfillCommand = (): Command =>
  new Command('backfill')
    .description("Count the past by a version of a KPI, from Temporal's histories.")
    .argument('<name>', 'of the KPI')
    .option('--version <n>', 'this version, rather than the newest', wholeNumber(1))
    .requiredOption('--from <time>', 'what closed from this time or day on (UTC)', pointInTime)
    .option('--to <time>', 'until this time or day; by default until now', pointInTime)
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `${examples(
        'orderly kpi backfill order-latency --version 2 --from 2026-01-01',
        'orderly kpi backfill order-latency --version 2 --from 2026-01-01 --to 2026-02-01 --json',
      )}

The events go out under their own ids, marked as reconciled, and each counts once, however often this is done.
A ledger reads the definitions when it starts: start it anew first where the version is new. What it refused
before that is published again.
The past reaches back as far as Temporal's retention and LEDGER_KEEP_DAYS. Read it with
orderly kpi show <name> --version <n>.`,
    )
    .action((name: string, options: BackfillOptions) =>
      interruptible(signal => run(name, options, signal)),
    );

async function run(name: string, options: BackfillOptions, signal: AbortSignal): Promise<void> {
  const definition = versionOf(readKpiCatalogue(), name, options.version);
  refuseUnrecorded(definition);
  const span = spanOf(options, Date.now());
  const done = await withPasses(signal, async (passes, onProgress) => {
    let bar: Progress | undefined;
    try {
      return await backfill(passes, definition, span, (runs, total) => {
        bar ??= progressBar('workflows read', total);
        bar.update(runs);
        onProgress();
      });
    } finally {
      bar?.stop();
    }
  });
  if (options.json) printJson(backfilledJson(definition, done));
  else print(describeBackfilled(definition, done));
}

/** Neither Temporal nor the register of refusals knows of measurements, and a derived KPI has no events. */
function refuseUnrecorded({ name, version, formula, observes, retired }: KpiDefinition): void {
  const isRecorded = observes.some(({ occurrence }) => occurrence !== 'measured');
  if (formula.kind !== 'derived' && retired === undefined && isRecorded) return;
  const detail = `Temporal records nothing of what ${name}, version ${version}, counts`;
  throw new OrderlyError('UsageInvalid', { detail });
}
