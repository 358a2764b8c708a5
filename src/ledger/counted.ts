/** What the ledger has counted of one version of a KPI, window by window and slice by slice. */
import type { Pool } from 'pg';
import type { Catalogue } from '../kpi/catalogue';
import type { KpiDefinition } from '../kpi/definition';
import { feedOf } from '../kpi/feed';
import { producersOf, versionName } from '../kpi/producers';
import type { Span } from '../kpi/spans';
import { apartDimensions, dimensionsOfTotals } from '../kpi/totals';
import { type Judge, judge } from '../kpi/windows';
import { kpiTopic } from '../messages/kpiEvent';
import {
  type Pick,
  readFigures,
  readSeries,
  readTestimony,
  type Series,
  type Slice,
} from '../postgres/ledgerReport';
import type { FigureRow } from '../postgres/packedFigures';
import { weightOf } from './figures';

/** Where figures are read from. */
export interface Ledger {
  readonly pool: Pool;
  readonly catalogue: Catalogue;
  /** How long after its end a window is over, in milliseconds. */
  readonly graceMs: number;
}

/** Windows of one length, one after the other. Times are milliseconds since the epoch, whole minutes. */
export interface Frame extends Span {
  readonly windowMs: number;
  readonly now: number;
}

export interface Counted<Row> {
  readonly judge: Judge;
  /** At least one; those of which something was counted. */
  readonly groups: readonly Group<Row>[];
}

export interface Group<Row> {
  readonly slice: Slice;
  /** By the number of the window, from 0; at least one, or none at all. */
  readonly rows: readonly (Row | undefined)[];
}

/**
 * @param by the dimensions to tell apart
 * @param digest takes of a row what is wanted of it, while Postgres puts others together; after the call the row is another one
 * @throws OrderlyError PostgresUnavailable
 */
export async function readCounted<Row>(
  ledger: Ledger,
  definition: KpiDefinition,
  frame: Frame,
  by: readonly string[],
  digest: (row: FigureRow, slice: Slice, judge: Judge) => Row,
): Promise<Counted<Row>> {
  // Before the figures: what is counted meanwhile, nobody vouches for yet.
  const judgement = await readJudge(ledger, definition, frame);
  const series = await readSeries(ledger.pool, definition.name, definition.version);
  const { slices, picks } = groupsOf(definition, series, by);
  const windows = (frame.until - frame.from) / frame.windowMs;
  const groups = slices.map(slice => ({ slice, rows: [] as (Row | undefined)[] }));
  await readFigures(ledger.pool, picks, frame, weightOf(definition.formula), row => {
    const group = groups[row.group]!;
    // With all of its places at once: rows do not come in order, and V8 would make a table of hashes of it.
    if (group.rows.length === 0) group.rows = new Array<Row | undefined>(windows).fill(undefined);
    group.rows[row.window] = digest(row, group.slice, judgement);
  });
  const counted = groups.filter(group => group.rows.length > 0);
  return { judge: judgement, groups: counted.length === 0 ? [{ slice: {}, rows: [] }] : counted };
}

/** A KPI that nothing feeds is not known, whoever is there. */
const unfed: Judge = (_window, counted) => (counted === 0 ? 'missing' : 'partial');

async function readJudge(
  { pool, catalogue, graceMs }: Ledger,
  definition: KpiDefinition,
  { from, until, now }: Frame,
): Promise<Judge> {
  if (!feedOf(catalogue, definition).fed) return unfed;
  const producers = producersOf(definition);
  const span = { from, until: until + graceMs };
  const vouched = { topic: kpiTopic(definition.name), version: versionName(definition) };
  const testimony = await readTestimony(pool, producers, vouched, span);
  const inForce = catalogue.spanOf(definition);
  const everyMinute = definition.formula.kind === 'gauge';
  return judge(testimony, { producers, inForce, everyMinute, graceMs, now });
}

/** Which series to read, and to which slice each belongs. Totals are enough where they keep what is asked. */
function groupsOf(
  definition: KpiDefinition,
  series: readonly Series[],
  by: readonly string[],
): { slices: Slice[]; picks: Pick[] } {
  const kept = [...new Set([...apartDimensions(definition), ...by])];
  const ofTotals = dimensionsOfTotals(definition);
  const total = kept.every(name => ofTotals.includes(name));
  const groups = new Map<string, { readonly number: number; readonly slice: Slice }>();
  const picks = series
    .filter(one => one.total === total)
    .map(({ seriesId, slice }) => {
      const reduced = Object.fromEntries(
        kept.flatMap(name => (slice[name] === undefined ? [] : [[name, slice[name]]])),
      );
      const key = JSON.stringify(reduced);
      const group = groups.get(key) ?? { number: groups.size, slice: reduced };
      groups.set(key, group);
      return { seriesId, group: group.number, good: isGood(definition, slice) };
    });
  return { slices: [...groups.values()].map(({ slice }) => slice), picks };
}

function isGood({ formula }: KpiDefinition, slice: Slice): boolean {
  const good = 'good' in formula ? (formula.good ?? {}) : {};
  return Object.entries(good).every(([name, values]) =>
    values.some(value => value === slice[name]),
  );
}
