/**
 * The figures of many windows in one value: a month of minutes takes Postgres, the connection and the garbage
 * collector several times as long as rows of text.
 */
import type { Pool } from 'pg';
import { Histogram } from '../kpi/histogram';
import { copyOut } from './copyOut';

/** The figures of one group in one window, with at least one minute in which something was counted. */
export interface FigureRow {
  /** Number of the window, from 0. */
  readonly window: number;
  readonly group: number;
  readonly count: number;
  /** Rounded once, from a sum that is exact. */
  readonly sum: number;
  /** NaN where the minutes hold nothing any more. */
  readonly min: number;
  readonly max: number;
  /** How many changes came after their minutes were over. */
  readonly revision: number;
  /** The number or the sum of the good events. */
  readonly good: number;
  /** As `Histogram.quantiles`, over all of the minutes. */
  quantiles(shares: readonly number[]): number[];
}

/** In this order, one after the other, each as Postgres sends it: big-endian. */
const fields = [
  ['window', 'int4'],
  ['group', 'int4'],
  ['count', 'float8'],
  ['sum', 'float8'],
  ['min', 'float8'],
  ['max', 'float8'],
  ['revision', 'float8'],
  ['good', 'float8'],
  ['histogramLength', 'int4'],
] as const;

type Field = (typeof fields)[number][0];

const bytesOf = { int4: 4, float8: 8 } as const;

/** Where a field is, from the beginning of its row. */
const places = Object.fromEntries(
  fields.map(([name], place) => [
    name,
    fields.slice(0, place).reduce((sum, [, type]) => sum + bytesOf[type], 0),
  ]),
) as Record<Field, number>;

const fixedBytes = places.histogramLength + bytesOf.int4;

/** Of so many windows the rows make one value: some hundred kilobytes, which Postgres handles best. */
const windowsTogether = 512;

/**
 * Tells of each row of a query that has columns of these names, and `histograms`, and no parameters. One value
 * for each row takes Postgres a tenth less than one for each column.
 * @param onRow is given the same object for each row, which is the next one after the call
 * @throws OrderlyError PostgresUnavailable or PostgresRefused
 */
export async function readPacked(
  pool: Pool,
  figures: string,
  onRow: (row: FigureRow) => void,
): Promise<void> {
  const row = [...fields.map(([name, type]) => `${type}send("${name}")`), 'histograms'].join(
    ' || ',
  );
  const values = await copyOut(
    pool,
    `SELECT string_agg(${row}, '') FROM (${figures}) AS figures GROUP BY "window" / ${windowsTogether}`,
  );
  for (const value of values) {
    const rows = new Rows(value);
    while (rows.next()) onRow(rows);
  }
}

/** One row after the other: as an object each, they would take the garbage collector longer than their figures. */
class Rows implements FigureRow {
  private readonly view: DataView;
  private begin = 0;
  private end = 0;

  constructor(private readonly bytes: Buffer) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  next(): boolean {
    if (this.end === this.bytes.length) return false;
    this.begin = this.end;
    this.end += fixedBytes + this.view.getInt32(this.begin + places.histogramLength);
    return true;
  }

  get window(): number {
    return this.view.getInt32(this.begin + places.window);
  }

  get group(): number {
    return this.view.getInt32(this.begin + places.group);
  }

  get count(): number {
    return this.view.getFloat64(this.begin + places.count);
  }

  get sum(): number {
    return this.view.getFloat64(this.begin + places.sum);
  }

  get min(): number {
    return this.view.getFloat64(this.begin + places.min);
  }

  get max(): number {
    return this.view.getFloat64(this.begin + places.max);
  }

  get revision(): number {
    return this.view.getFloat64(this.begin + places.revision);
  }

  get good(): number {
    return this.view.getFloat64(this.begin + places.good);
  }

  quantiles(shares: readonly number[]): number[] {
    const histograms = { bytes: this.bytes, begin: this.begin + fixedBytes, end: this.end };
    return Histogram.quantilesOf(histograms, this.count, shares);
  }
}
