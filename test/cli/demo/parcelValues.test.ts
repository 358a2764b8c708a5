import fc from 'fast-check';
import { parcelValues } from '../../../src/cli/demo/parcelValues';

const parcel = (shipment: string, ...products: { productCode: string; quantity: number }[]) => ({
  shipment,
  location: 'main',
  products,
});

describe('the value of a parcel', () => {
  it('is that of its pieces, each at the price of its line, the first lines going out first', () => {
    const values = parcelValues({
      products: [
        { productCode: 'A', quantity: 2, unitPrice: 100 },
        { productCode: 'B', quantity: 1, unitPrice: 7 },
        { productCode: 'A', quantity: 3, unitPrice: 90 },
      ],
      shipments: [
        parcel('1', { productCode: 'A', quantity: 3 }),
        parcel('2', { productCode: 'B', quantity: 1 }, { productCode: 'A', quantity: 2 }),
      ],
    });
    expect([...values]).toEqual([
      ['1', 290],
      ['2', 187],
    ]);
  });

  it('is no number where it holds more than was ordered', () => {
    const values = parcelValues({
      products: [{ productCode: 'A', quantity: 1, unitPrice: 5 }],
      shipments: [parcel('1', { productCode: 'A', quantity: 2 })],
    });
    expect(values.get('1')).toBeNaN();
  });

  it('adds up to the total of the order, wherever its lines are cut', () => {
    const line = fc.record({
      productCode: fc.constantFrom('A', 'B', 'C'),
      quantity: fc.integer({ min: 1, max: 5 }),
      unitPrice: fc.integer({ min: 0, max: 1_000 }),
    });
    fc.assert(
      fc.property(
        fc.array(line, { minLength: 1, maxLength: 6 }),
        fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 30, maxLength: 30 }),
        (products, places) => {
          const pieces = products.flatMap(({ productCode, quantity }) =>
            Array.from({ length: quantity }, () => productCode),
          );
          const shipments = [0, 1, 2].map(place =>
            parcel(
              String(place + 1),
              ...pieces
                .filter((_, piece) => places[piece] === place)
                .map(productCode => ({ productCode, quantity: 1 })),
            ),
          );
          const values = [...parcelValues({ products, shipments }).values()];
          const total = products.reduce((sum, p) => sum + p.quantity * p.unitPrice, 0);
          expect(values.reduce((sum, value) => sum + value, 0)).toBe(total);
        },
      ),
    );
  });
});
