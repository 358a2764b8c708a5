import type { Config } from '../../config';
import { readKpiCatalogue } from '../../kpiCatalogue';
import type { Ledger } from '../../ledger/counted';
import { withDatabase } from '../servers/postgres';

/** Runs `work` with what the figures are read from. */
export function withLedger<T>(config: Config, work: (ledger: Ledger) => Promise<T>): Promise<T> {
  const catalogue = readKpiCatalogue();
  const graceMs = config.KPI_GRACE_SECONDS * 1_000;
  return withDatabase(config, pool => work({ pool, catalogue, graceMs }));
}
