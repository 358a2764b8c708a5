/** Which windows hold events that reconciliation could not explain: what they count may be wrong. */
import type { KpiDefinition } from '../kpi/definition';
import { unexplainedByWindow } from '../postgres/reconciliation';
import type { Frame, Ledger } from './counted';
import { versionToRead } from './versions';

/** A window with events that are not as Temporal and the registers have them. RFC 3339, UTC. */
export interface DoubtedWindow {
  readonly start: string;
  readonly end: string;
  readonly events: number;
}

/**
 * In the order of time; of a derived KPI whatever is doubted of the ones that it is made of.
 * @throws OrderlyError PostgresUnavailable
 */
export async function readUnexplained(
  { pool, catalogue }: Ledger,
  definition: KpiDefinition,
  frame: Frame,
): Promise<DoubtedWindow[]> {
  const { formula } = definition;
  const counted =
    formula.kind === 'derived'
      ? [...new Set([...formula.numerator, ...formula.denominator].map(({ kpi }) => kpi))].map(
          kpi => versionToRead(catalogue, kpi, frame.until),
        )
      : [definition];
  const found = await unexplainedByWindow(pool, counted, frame);
  const time = (window: number) => new Date(frame.from + window * frame.windowMs).toISOString();
  return found.map(({ window, events }) => ({
    start: time(window),
    end: time(window + 1),
    events,
  }));
}
