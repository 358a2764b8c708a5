import fc from 'fast-check';
import { pickParcels } from '../../src/domain/picking';
import type { StockLine } from '../../src/domain/shipping';

type Shelves = Record<string, Record<string, number>>;

/** `shelves`: pieces by location and product. */
const pick = (wants: Record<string, number>, shelves: Shelves) =>
  pickParcels(linesOf(wants), productCode => freeOf(shelves, productCode));

const linesOf = (wants: Record<string, number>): StockLine[] =>
  Object.entries(wants).map(([productCode, quantity]) => ({ productCode, quantity }));

const freeOf = (shelves: Shelves, productCode: string) =>
  new Map(
    Object.entries(shelves).map(([location, products]) => [location, products[productCode] ?? 0]),
  );

describe('picking parcels', () => {
  it('takes the one location that has everything, though another comes first by name', () => {
    expect(pick({ A: 2, B: 1 }, { east: { A: 5 }, west: { A: 2, B: 1 } })).toEqual([
      { shipment: '1', location: 'west', products: linesOf({ A: 2, B: 1 }) },
    ]);
  });

  it('takes the first by name where several have everything', () => {
    expect(pick({ A: 1 }, { west: { A: 1 }, east: { A: 1 } })).toMatchObject([
      { location: 'east' },
    ]);
  });

  it('splits a line where no location has all of it', () => {
    expect(pick({ A: 5, B: 1 }, { east: { A: 3 }, west: { A: 4, B: 1 } })).toEqual([
      { shipment: '1', location: 'east', products: linesOf({ A: 3 }) },
      { shipment: '2', location: 'west', products: linesOf({ A: 2, B: 1 }) },
    ]);
  });

  it('splits no line that one of the parcels can take whole', () => {
    const shelves = { east: { A: 1, B: 1 }, west: { A: 2, C: 1 } };
    expect(pick({ A: 2, B: 1, C: 1 }, shelves)).toEqual([
      { shipment: '1', location: 'east', products: linesOf({ B: 1 }) },
      { shipment: '2', location: 'west', products: linesOf({ A: 2, C: 1 }) },
    ]);
  });

  it('says so where the locations do not have it, which is a fault of whoever asks', () => {
    expect(() => pick({ A: 2 }, { east: { A: 1 } })).toThrow('do not have what is wanted');
  });

  const products = ['A', 'B', 'C'];
  const shelf = fc.record(Object.fromEntries(products.map(code => [code, fc.nat(4)])));
  const arbitraryShelves = (locations: number) =>
    fc
      .array(shelf, { minLength: 1, maxLength: locations })
      .map(list => Object.fromEntries(list.map((stock, i) => [`location-${i}`, stock] as const)));
  /** Wants that these shelves can serve together. */
  const case_ = (locations: number) =>
    arbitraryShelves(locations)
      .map(shelves => ({ shelves, sums: products.map(code => sumOf(shelves, code)) }))
      .filter(({ sums }) => sums.some(sum => sum > 0))
      .chain(({ shelves, sums }) =>
        fc
          .tuple(...sums.map(sum => fc.nat(sum)))
          .filter(wants => wants.some(pieces => pieces > 0))
          .map(wants => ({ shelves, wants: wantsOf(wants) })),
      );
  const wantsOf = (pieces: readonly number[]) =>
    Object.fromEntries(products.map((code, i) => [code, pieces[i]!]).filter(([, n]) => n !== 0));
  const sumOf = (shelves: Shelves, code: string) =>
    Object.values(shelves).reduce((sum, stock) => sum + (stock[code] ?? 0), 0);

  /** Every set of locations, by the bits of a number: the size of the smallest that has everything. */
  function fewestByForce(wants: Record<string, number>, shelves: Shelves): number {
    const stocks = Object.values(shelves);
    const sizes = Array.from({ length: 2 ** stocks.length }, (_, bits) => {
      const set = stocks.filter((_, i) => bits & (1 << i));
      const serves = Object.entries(wants).every(
        ([code, pieces]) => set.reduce((sum, stock) => sum + (stock[code] ?? 0), 0) >= pieces,
      );
      return serves ? set.length : Number.POSITIVE_INFINITY;
    });
    return Math.min(...sizes);
  }

  function expectExactlyWhatIsWanted(wants: Record<string, number>, shelves: Shelves) {
    const parcels = pick(wants, shelves);
    expect(parcels.map(parcel => parcel.shipment)).toEqual(parcels.map((_, i) => String(i + 1)));
    expect(new Set(parcels.map(parcel => parcel.location)).size).toBe(parcels.length);
    const picked: Record<string, number> = {};
    for (const parcel of parcels) {
      expect(parcel.products.length).toBeGreaterThan(0);
      for (const { productCode, quantity } of parcel.products) {
        expect(quantity).toBeGreaterThan(0);
        expect(quantity).toBeLessThanOrEqual(shelves[parcel.location]?.[productCode] ?? 0);
        picked[productCode] = (picked[productCode] ?? 0) + quantity;
      }
    }
    expect(picked).toEqual(wants);
    return parcels.length;
  }

  it('picks what is wanted, in the fewest parcels that trying all sets of locations finds', () => {
    fc.assert(
      fc.property(case_(7), ({ shelves, wants }) => {
        expect(expectExactlyWhatIsWanted(wants, shelves)).toBe(fewestByForce(wants, shelves));
      }),
      { numRuns: 500 },
    );
  });

  it('picks what is wanted from more locations than it can try sets of', () => {
    fc.assert(
      fc.property(case_(60), ({ shelves, wants }) => {
        expectExactlyWhatIsWanted(wants, shelves);
      }),
    );
    const many = Object.fromEntries(
      Array.from({ length: 40 }, (_, i) => [`location-${i}`, { A: 1 + (i % 2), B: 1, C: i % 3 }]),
    );
    expect(expectExactlyWhatIsWanted({ A: 30, B: 20, C: 20 }, many)).toBeLessThanOrEqual(22);
  });
});
