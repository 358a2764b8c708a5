/** All that there is to say of a KPI over a time: for the command line and whoever else shows it. */
import { type Feed, feedOf } from '../kpi/feed';
import { type Aim, type Comparison, compareKpi } from './compare';
import type { Ledger } from './counted';
import { type KpiQuery, type KpiReading, readKpi } from './read';
import { versionToRead } from './versions';

export type KpiReport = KpiReading &
  Feed & {
    readonly target: Aim;
    /** The whole time, slice by slice; none of a KPI that nothing feeds. */
    readonly comparisons: readonly Comparison[];
  };

/** @throws as `readKpi` */
export async function reportKpi(ledger: Ledger, query: KpiQuery): Promise<KpiReport> {
  // Before anything else: it refuses what can not be shown.
  const { windows, unexplained, ...read } = await readKpi(ledger, query);
  const definition = versionToRead(ledger.catalogue, read.kpi, query.until, read.version);
  const feed = feedOf(ledger.catalogue, definition);
  return {
    ...read,
    ...feed,
    target: definition.target,
    comparisons: feed.fed ? await compareKpi(ledger, query) : [],
    windows,
    ...(unexplained !== undefined && { unexplained }),
  };
}
