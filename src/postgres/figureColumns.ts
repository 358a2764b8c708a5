/**
 * The figures of many windows in one row, each column packed into one value: a month of minutes takes
 * Postgres, the connection and the garbage collector several times as long as rows of text.
 */

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
  /** The minutes' histograms, one after the other. */
  readonly histograms: Uint8Array;
}

const integers = ['window', 'group', 'histogramLength'] as const;
const doubles = ['count', 'sum', 'min', 'max', 'revision', 'good'] as const;

type Column = (typeof integers)[number] | (typeof doubles)[number];

/** What Postgres answers; null in every column where there are no figures. */
export type PackedFigures = Readonly<Record<Column | 'histograms', Buffer | null>>;

/** The select list that packs columns of these names. */
export const packedFigures: string = [
  ...integers.map(name => `string_agg(int4send("${name}"), '') AS "${name}"`),
  ...doubles.map(name => `string_agg(float8send("${name}"), '') AS "${name}"`),
  `string_agg(histograms, '') AS histograms`,
].join(', ');

/** The rows, which read their columns when they are asked: most of a month's figures are never held twice. */
export function unpackFigures(packed: PackedFigures): FigureRow[] {
  const { histograms } = packed;
  if (histograms === null) return [];
  const views = Object.fromEntries(
    [...integers, ...doubles].map(name => [name, viewOf(packed[name]!)]),
  ) as Record<Column, DataView>;
  const columns: Columns = { ...views, histograms };
  const rows = new Array<FigureRow>(views.window.byteLength / integerBytes);
  let end = 0;
  for (let place = 0; place < rows.length; place++) {
    const begin = end;
    end += views.histogramLength.getInt32(place * integerBytes);
    rows[place] = new Row(columns, place, begin, end);
  }
  return rows;
}

type Columns = Readonly<Record<Column, DataView>> & { readonly histograms: Buffer };

const integerBytes = 4;
const doubleBytes = 8;

const viewOf = ({ buffer, byteOffset, byteLength }: Buffer): DataView =>
  new DataView(buffer, byteOffset, byteLength);

/** Numbers are big-endian, as Postgres sends them and a DataView reads them. */
class Row implements FigureRow {
  constructor(
    private readonly columns: Columns,
    private readonly place: number,
    private readonly begin: number,
    private readonly end: number,
  ) {}

  get window(): number {
    return this.columns.window.getInt32(this.place * integerBytes);
  }

  get group(): number {
    return this.columns.group.getInt32(this.place * integerBytes);
  }

  get count(): number {
    return this.columns.count.getFloat64(this.place * doubleBytes);
  }

  get sum(): number {
    return this.columns.sum.getFloat64(this.place * doubleBytes);
  }

  get min(): number {
    return this.columns.min.getFloat64(this.place * doubleBytes);
  }

  get max(): number {
    return this.columns.max.getFloat64(this.place * doubleBytes);
  }

  get revision(): number {
    return this.columns.revision.getFloat64(this.place * doubleBytes);
  }

  get good(): number {
    return this.columns.good.getFloat64(this.place * doubleBytes);
  }

  get histograms(): Uint8Array {
    return this.columns.histograms.subarray(this.begin, this.end);
  }
}
