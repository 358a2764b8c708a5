/**
 * In which series an event counts. A dimension has at most as many values as its definition says; any
 * other is `other`. What this process has learnt it keeps: values and series are only ever added, and
 * both are bounded, so most events need no question to Postgres.
 */
import type { Pool } from 'pg';
import type { KpiDefinition } from '../kpi/definition';
import { dimensionsOfTotals } from '../kpi/totals';
import {
  admitValues,
  type DimensionValue,
  type SeriesIdentity,
  seriesIds,
} from '../postgres/ledgerSeries';
import type { Particulars, ReadEvent } from './readEvent';

/** The value of a dimension that has no room for one more. */
const other = 'other';

/** The numbers of the series in which an event counts, and whether some value of it became `other`. */
export interface Place {
  readonly seriesId: number;
  readonly totalId: number;
  readonly isOther: boolean;
}

/** What is known of one dimension of one version of a KPI. */
interface KnownDimension {
  readonly name: string;
  readonly bound: number;
  readonly values: Set<DimensionValue>;
  /** Values met that are not known yet, and may find room. */
  readonly candidates: Set<DimensionValue>;
}

interface KnownVersion {
  readonly definition: KpiDefinition;
  readonly dimensions: readonly KnownDimension[];
  /** The dimensions that a total keeps. */
  readonly kept: ReadonlySet<string>;
  readonly places: Map<string, Omit<Place, 'isOther'>>;
}

type Slice = readonly (DimensionValue | undefined)[];

export class Dictionary {
  private readonly versions = new Map<KpiDefinition, KnownVersion>();
  /** Once found, a place never changes: a value that found no room finds none later. */
  private readonly places = new WeakMap<Particulars, Place>();

  constructor(private readonly pool: Pool) {}

  /** The places of these events, in their order. @throws OrderlyError PostgresUnavailable */
  async placesOf(events: readonly Pick<ReadEvent, 'particulars'>[]): Promise<Place[]> {
    const strange = new Set<Particulars>();
    for (const { particulars } of events) {
      if (!this.places.has(particulars)) strange.add(particulars);
    }
    if (strange.size > 0) await this.find([...strange]);
    return events.map(({ particulars }) => this.places.get(particulars)!);
  }

  private async find(events: readonly Particulars[]): Promise<void> {
    await this.admit(events);
    const admitted = events.map(event => this.bounded(event));
    const missing = new Map<string, Particulars & { readonly bounded: Slice }>();
    events.forEach((event, i) => {
      const { key, slice: bounded } = admitted[i]!;
      const { places } = this.versionOf(event);
      if (!places.has(key)) missing.set(`${nameOf(event)} ${key}`, { ...event, bounded });
    });
    await this.learn([...missing.values()]);
    events.forEach((event, i) => {
      const { key, isOther } = admitted[i]!;
      this.places.set(event, { ...this.versionOf(event).places.get(key)!, isOther });
    });
  }

  /** Asks once for all the values of each dimension that were never met before. */
  private async admit(events: readonly Particulars[]): Promise<void> {
    const grown = new Set<KnownVersion>();
    for (const event of events) {
      const version = this.versionOf(event);
      version.dimensions.forEach((dimension, i) => {
        const value = event.slice[i];
        if (value === undefined || value === other || isSettled(dimension, value)) return;
        dimension.candidates.add(value);
        grown.add(version);
      });
    }
    for (const { definition, dimensions } of grown) {
      for (const { name, bound, values, candidates } of dimensions) {
        if (candidates.size === 0) continue;
        const dimension = { kpi: definition.name, version: definition.version, dimension: name };
        const admitted = await admitValues(this.pool, dimension, bound, [...candidates]);
        for (const value of admitted) values.add(value);
        candidates.clear();
      }
    }
  }

  private async learn(
    events: readonly (Particulars & { readonly bounded: Slice })[],
  ): Promise<void> {
    if (events.length === 0) return;
    const identities = events.flatMap(({ definition, synthetic, bounded }) => {
      const { dimensions, kept } = this.versionOf({ definition });
      const of = (total: boolean): SeriesIdentity => ({
        kpi: definition.name,
        version: definition.version,
        synthetic,
        total,
        slice: Object.fromEntries(
          dimensions.flatMap(({ name }, i) => {
            const value = bounded[i];
            return value === undefined || (total && !kept.has(name)) ? [] : [[name, value]];
          }),
        ),
      });
      return [of(false), of(true)];
    });
    const ids = await seriesIds(this.pool, identities);
    events.forEach(({ definition, synthetic, bounded }, i) => {
      const place = { seriesId: ids[2 * i]!, totalId: ids[2 * i + 1]! };
      this.versionOf({ definition }).places.set(keyOf(synthetic, bounded), place);
    });
  }

  private bounded(event: Particulars): { key: string; slice: Slice; isOther: boolean } {
    const { dimensions } = this.versionOf(event);
    let isOther = false;
    const slice = event.slice.map((value, i) => {
      if (value === undefined || value === other || dimensions[i]!.values.has(value)) return value;
      isOther = true;
      return other;
    });
    return { key: keyOf(event.synthetic, slice), slice, isOther };
  }

  private versionOf({ definition }: Pick<Particulars, 'definition'>): KnownVersion {
    let version = this.versions.get(definition);
    if (version === undefined) {
      version = knownVersion(definition);
      this.versions.set(definition, version);
    }
    return version;
  }
}

/** A value that is known, or that will never be because there is no room. */
const isSettled = ({ values, bound }: KnownDimension, value: DimensionValue): boolean =>
  values.has(value) || values.size >= bound;

function knownVersion(definition: KpiDefinition): KnownVersion {
  const { dimensions } = definition;
  return {
    definition,
    dimensions: dimensions.map(({ name, bound }) => ({
      name,
      bound,
      values: new Set(),
      candidates: new Set(),
    })),
    kept: new Set(dimensionsOfTotals(definition)),
    places: new Map(),
  };
}

const keyOf = (synthetic: boolean, slice: Slice): string => `${synthetic} ${JSON.stringify(slice)}`;

const nameOf = ({ definition }: Particulars): string => `${definition.name}@${definition.version}`;
