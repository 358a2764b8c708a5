/** Holds the ledger against Temporal's own record, for the time of one run. */
import { createPassOptions, reconcileAgain } from '../../watcher/passes';
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
  const span = { from: since, to: Date.now() };
  const { parity, findings, revenue } = await reconcileAgain(passes, span, 'deep', onProgress);
  const found = (verdict: 'repaired' | 'unexplained') =>
    findings.filter(finding => finding.verdict === verdict).map(({ eventId }) => eventId);
  const differing = revenue.filter(
    ({ ledger, temporal, postgres }) => ledger !== temporal || ledger !== postgres,
  );
  return {
    matched: parity.reduce((sum, row) => sum + row.matched, 0),
    repaired: found('repaired'),
    unexplained: found('unexplained'),
    revenue: [...new Set(differing.map(({ currency }) => currency))],
  };
}
