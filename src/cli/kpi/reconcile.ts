import { Command } from 'commander';
import { OrderlyError } from '../../errors';
import type { Depth } from '../../postgres/parity';
import { type PassReport, reconcileAgain } from '../../watcher/passes';
import { pointInTime } from '../terminal/arguments';
import { examples } from '../terminal/examples';
import { interruptible } from '../terminal/interrupt';
import { print, printJson } from '../terminal/output';
import { describeReport, sumOf } from './reconcileReport';
import { type SpanOptions, spanOf, withPasses } from './withPasses';

interface ReconcileOptions extends SpanOptions {
  readonly deep?: true;
  readonly json?: true;
}

/** `orderly kpi reconcile`: a pass out of turn, with all that it found. */
export const reconcileCommand = (): Command =>
  new Command('reconcile')
    .description("Hold the ledger against Temporal's own record, and publish what it lacks.")
    .option(
      '--from <time>',
      'what closed from this time or day on (UTC); the hour before --to by default',
      pointInTime,
    )
    .option(
      '--to <time>',
      'until this time or day; by default, and at most, until now less KPI_GRACE_SECONDS',
      pointInTime,
    )
    .option('--deep', 'read every history, not only those that visibility finds wanting')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `${examples(
        'orderly kpi reconcile',
        'orderly kpi reconcile --deep --from 2026-01-31 --to 2026-02-01',
      )}

What is missing is published again under its own id. What the ledger has otherwise than Temporal is named and
left as it is; then the command fails. What closed within the last KPI_GRACE_SECONDS is left for later, since
its events may be on their way: the answer says until when it judged. The role watcher does the same by
itself, every minute.`,
    )
    .action((options: ReconcileOptions) => interruptible(signal => reconcile(options, signal)));

async function reconcile(options: ReconcileOptions, signal: AbortSignal): Promise<void> {
  const depth: Depth = options.deep ? 'deep' : 'shallow';
  const span = spanOf(options, Date.now());
  const report = await withPasses(signal, (passes, onProgress) =>
    reconcileAgain(passes, span, depth, onProgress),
  );
  if (options.json) printJson(asJson(depth, report));
  else print(describeReport(report));
  const count = sumOf(report, 'unexplained');
  if (count > 0) throw new OrderlyError('FiguresUnexplained', { count });
}

/** The span is the one that was judged. Times in RFC 3339; amounts in minor units as texts, since sums may be larger than JSON's numbers. */
function asJson(depth: Depth, report: PassReport) {
  const time = (at: number) => new Date(at).toISOString();
  return {
    from: time(report.judged.from),
    to: time(report.judged.to),
    depth,
    runs: report.runs,
    histories: report.histories,
    matched: sumOf(report, 'matched'),
    repaired: sumOf(report, 'repaired'),
    unexplained: sumOf(report, 'unexplained'),
    parity: report.parity.map(row => ({ ...row, hour: time(row.hour) })),
    findings: report.findings.map(finding => ({ ...finding, at: time(finding.at) })),
    revenue: report.revenue.map(row => ({
      ...row,
      hour: time(row.hour),
      ledger: String(row.ledger),
      temporal: String(row.temporal),
      postgres: String(row.postgres),
    })),
  };
}
