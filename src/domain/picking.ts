/** From which locations an order is picked: in as few parcels as can be, one for each location. */
import type { Parcel, StockLine } from './shipping';

/** Free pieces of one product by location. */
export type FreeByLocation = ReadonlyMap<string, number>;

/** Sets of locations that are tried at most; beyond, few parcels must do in place of the fewest. */
const triesAtMost = 10_000;

/**
 * Splits what an order wants into parcels, one for each location that it is picked at, numbered from '1'
 * in the order of the locations' names. A line is split only where no location picked has all of it.
 *
 * The locations are the fewest that have everything, of equally many the first by name. That is a set
 * cover, which no method known solves fast in every case: after 10,000 sets of locations the greedy one
 * is taken (each time the location that has most of what is missing).
 * `freeOf` answers for every product; together its locations must have what is wanted of it.
 */
export function pickParcels(
  wants: readonly StockLine[],
  freeOf: (productCode: string) => FreeByLocation,
): Parcel[] {
  const demands = wants.map(({ productCode, quantity }) => {
    const free = freeOf(productCode);
    return { productCode, quantity, at: (location: string) => free.get(location) ?? 0, free };
  });
  const locations = candidates(demands);
  const chosen = fewest(demands, locations) ?? greedy(demands, locations);
  return parcelsFrom(demands, chosen);
}

interface Demand extends StockLine {
  readonly free: FreeByLocation;
  at(location: string): number;
}

/** The locations that have something of it, by name. */
function candidates(demands: readonly Demand[]): string[] {
  const names = new Set<string>();
  for (const { free } of demands) {
    for (const [location, pieces] of free) if (pieces > 0) names.add(location);
  }
  return [...names].sort();
}

/** The smallest set that has everything; undefined where it was not found in so many tries. */
function fewest(demands: readonly Demand[], locations: readonly string[]): string[] | undefined {
  let tries = 0;
  const search = (size: number, from: number, missing: readonly number[]): string[] | undefined => {
    if (missing.every(pieces => pieces <= 0)) return [];
    if (size === 0) return undefined;
    for (let i = from; i <= locations.length - size && tries < triesAtMost; i++) {
      tries++;
      const location = locations[i] as string;
      const left = demands.map((demand, d) => (missing[d] as number) - demand.at(location));
      const others = search(size - 1, i + 1, left);
      if (others !== undefined) return [location, ...others];
    }
    return undefined;
  };
  const wanted = demands.map(({ quantity }) => quantity);
  for (let size = leastOf(demands); size <= locations.length && tries < triesAtMost; size++) {
    const found = search(size, 0, wanted);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** No set smaller than this can do: so many locations it takes for one of the products alone. */
const leastOf = (demands: readonly Demand[]): number =>
  Math.max(
    ...demands.map(({ free, quantity }) => {
      let missing = quantity;
      const largestFirst = [...free.values()].sort((a, b) => b - a);
      return largestFirst.filter(pieces => {
        const needed = missing > 0;
        missing -= pieces;
        return needed;
      }).length;
    }),
  );

function greedy(demands: readonly Demand[], locations: readonly string[]): string[] {
  const chosen: string[] = [];
  let missing = demands.map(({ quantity }) => quantity);
  while (missing.some(pieces => pieces > 0)) {
    const gain = (location: string): number =>
      demands.reduce(
        (sum, demand, d) => sum + Math.min(demand.at(location), missing[d] as number),
        0,
      );
    const best = locations
      .filter(location => !chosen.includes(location))
      .map(location => ({ location, pieces: gain(location) }))
      .reduce((a, b) => (b.pieces > a.pieces ? b : a), { location: '', pieces: 0 });
    if (best.pieces === 0) throw new Error('the locations do not have what is wanted');
    chosen.push(best.location);
    missing = missing.map((pieces, d) =>
      Math.max(0, pieces - (demands[d] as Demand).at(best.location)),
    );
  }
  return chosen.sort();
}

function parcelsFrom(demands: readonly Demand[], chosen: readonly string[]): Parcel[] {
  const contents = new Map<string, StockLine[]>(chosen.map(location => [location, []]));
  for (const { productCode, quantity, at } of demands) {
    const whole = chosen.find(location => at(location) >= quantity);
    let missing = quantity;
    for (const location of whole === undefined ? chosen : [whole]) {
      const pieces = Math.min(at(location), missing);
      if (pieces > 0) contents.get(location)?.push({ productCode, quantity: pieces });
      missing -= pieces;
    }
  }
  return [...contents]
    .filter(([, products]) => products.length > 0)
    .map(([location, products], i) => ({ shipment: String(i + 1), location, products }));
}
