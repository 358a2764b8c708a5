import type { Config } from '../../config';
import { readKpiCatalogue } from '../../kpiCatalogue';
import type { Ledger } from '../../ledger/counted';
import { withDatabase } from '../servers/postgres';

/**
 * Runs `work` with what the figures of these KPIs are read from.
 * @throws OrderlyError KpiUnknown, before anything is connected, and PostgresUnavailable
 */
export function withLedger<T>(
  config: Config,
  kpis: readonly string[],
  work: (ledger: Ledger) => Promise<T>,
): Promise<T> {
  const catalogue = readKpiCatalogue();
  for (const kpi of kpis) catalogue.versionsOf(kpi);
  const graceMs = config.KPI_GRACE_SECONDS * 1_000;
  return withDatabase(config, pool => work({ pool, catalogue, graceMs }));
}
