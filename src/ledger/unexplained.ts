/** Which windows hold events that reconciliation could not explain: what they count may be wrong. */
import type { Catalogue } from '../kpi/catalogue';
import type { KpiDefinition } from '../kpi/definition';
import { unexplainedByWindow } from '../postgres/findings';
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
  const counted = countedBy(catalogue, definition, frame.until);
  const found = await Promise.all(counted.map(each => unexplainedByWindow(pool, each, frame)));
  const events = new Map<number, number>();
  for (const { window, events: some } of found.flat()) {
    events.set(window, (events.get(window) ?? 0) + some);
  }
  const time = (window: number) => new Date(frame.from + window * frame.windowMs).toISOString();
  return [...events]
    .sort(([a], [b]) => a - b)
    .map(([window, sum]) => ({ start: time(window), end: time(window + 1), events: sum }));
}

/** The definitions whose events make the figures of one. */
function countedBy(
  catalogue: Catalogue,
  definition: KpiDefinition,
  until: number,
): readonly KpiDefinition[] {
  const { formula } = definition;
  if (formula.kind !== 'derived') return [definition];
  const names = new Set([...formula.numerator, ...formula.denominator].map(({ kpi }) => kpi));
  return [...names].map(name => versionToRead(catalogue, name, until));
}
