/** Holds the ledger against Temporal's own record, for the time of one run. */
import { createPassOptions, reconcileAgain } from '../../watcher/passes';
import type { SpanReport } from '../../watcher/reconciler';
import type { Session } from './session';
import type { Parity } from './sums';

/**
 * Reads every history of what closed since then.
 * @param since milliseconds since the epoch
 */
export async function compareWithTemporal(
  { config, kafka, pool, temporal: { client }, publisher, catalogue }: Session,
  since: number,
  signal: AbortSignal,
): Promise<Parity> {
  // The run is settled, so nothing is on its way for which there would be a grace.
  const settled = { ...config, KPI_GRACE_SECONDS: 0 };
  const passes = createPassOptions(settled, { client, kafka, pool, publisher, catalogue });
  const onProgress = () => signal.throwIfAborted();
  const reports: SpanReport[] = [];
  const span = { from: since, to: Date.now() };
  for await (const report of reconcileAgain(passes, span, 'deep', onProgress)) reports.push(report);
  const found = (verdict: 'repaired' | 'unexplained') =>
    reports
      .flatMap(({ findings }) => findings)
      .filter(finding => finding.verdict === verdict)
      .map(({ eventId }) => eventId);
  const differing = reports
    .flatMap(({ revenue }) => revenue)
    .filter(({ ledger, temporal, postgres }) => ledger !== temporal || ledger !== postgres);
  return {
    matched: reports.flatMap(({ parity }) => parity).reduce((sum, row) => sum + row.matched, 0),
    repaired: found('repaired'),
    unexplained: found('unexplained'),
    revenue: [...new Set(differing.map(({ currency }) => currency))],
  };
}
