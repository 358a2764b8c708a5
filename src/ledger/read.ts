/** Reading KPIs: the one way, for the command line and whoever else shows figures. */
import { OrderlyError } from '../errors';
import type { KpiDefinition } from '../kpi/definition';
import type { Span } from '../kpi/spans';
import { type Frame, type Ledger, readCounted } from './counted';
import { readDerived } from './derived';
import { emptyWindow, type KpiWindow, windowBy } from './figures';
import { type DoubtedWindow, readUnexplained } from './unexplained';
import { versionToRead } from './versions';
import { refuseTooMany, spansOf } from './windowSpans';

export interface KpiQuery extends Frame {
  readonly kpi: string;
  /** Default: the one in force at the end of the time. */
  readonly version?: number;
  /** The dimension to tell apart. */
  readonly by?: string;
}

/** Windows as they were asked for. */
export interface KpiFrame {
  readonly kpi: string;
  readonly version: number;
  readonly unit: string;
  /** By slice, then by time; every window of each slice of which something was counted. */
  readonly windows: readonly KpiWindow[];
}

export interface KpiReading extends KpiFrame {
  /** The windows with events that reconciliation could not explain, whatever their slice; if there are any. */
  readonly unexplained?: readonly DoubtedWindow[];
}

/**
 * The windows that a time touches: they begin at whole multiples of their length since the epoch, in UTC.
 * Test orders are in none of the figures.
 * @throws OrderlyError KpiUnknown, KpiVersionUnknown, UsageInvalid, PostgresUnavailable
 */
export async function readKpi(ledger: Ledger, query: KpiQuery): Promise<KpiReading> {
  const whole = { ...query, ...touched(query, query.windowMs) };
  const definition = versionToRead(ledger.catalogue, query.kpi, whole.until, query.version);
  const [frame, unexplained] = await Promise.all([
    readFrame(ledger, whole),
    readUnexplained(ledger, definition, whole),
  ]);
  return unexplained.length === 0 ? frame : { ...frame, unexplained };
}

/** As `readKpi`, with windows that begin at `from`, whatever their length. */
export async function readFrame(ledger: Ledger, query: KpiQuery): Promise<KpiFrame> {
  const definition = versionToRead(ledger.catalogue, query.kpi, query.until, query.version);
  const by = dimensionsAsked(definition, query.by);
  refuseTooMany(query);
  const windows =
    definition.formula.kind === 'derived'
      ? await readDerived(ledger, definition.formula, query, by)
      : await readDirect(ledger, definition, query, by);
  const { name: kpi, version, formula } = definition;
  return { kpi, version, unit: formula.unit, windows };
}

async function readDirect(
  ledger: Ledger,
  definition: KpiDefinition,
  frame: Frame,
  by: readonly string[],
): Promise<KpiWindow[]> {
  const toWindow = windowBy(definition.formula);
  const reading = readCounted(ledger, definition, frame, by, (row, slice, judge) => {
    const span = spans[row.window]!;
    return toWindow({ span, state: judge(span, row.count), slice }, row);
  });
  // While Postgres is asked.
  const spans = spansOf(frame);
  const { judge, groups } = await reading;
  return groups.flatMap(({ slice, rows }) =>
    spans.map(
      (span, number) => rows[number] ?? emptyWindow({ span, state: judge(span, 0), slice }),
    ),
  );
}

/** The whole windows that a span touches. */
export const touched = ({ from, until }: Span, windowMs: number): Span => ({
  from: Math.floor(from / windowMs) * windowMs,
  until: Math.ceil(until / windowMs) * windowMs,
});

function dimensionsAsked({ name, dimensions }: KpiDefinition, by: string | undefined): string[] {
  if (by === undefined) return [];
  if (dimensions.some(dimension => dimension.name === by)) return [by];
  const known = dimensions.map(dimension => dimension.name).join(', ') || 'none';
  throw new OrderlyError('UsageInvalid', {
    detail: `${name} has no dimension ${by}; it has: ${known}`,
  });
}
