import fc from 'fast-check';
import { allocate, serve } from '../../src/domain/allocation';
import type { Product } from '../../src/domain/freeStock';
import type { ReservationLine, ReservationRequest } from '../../src/domain/reservation';

const product = (
  productCode: string,
  onHand: number,
  { reserved = 0, ...rest }: Partial<Product> & { reserved?: number } = {},
): Product => ({
  productCode,
  price: 250,
  currency: 'EUR',
  backOrdered: 0,
  locations: [{ location: 'main', onHand, reserved }],
  ...rest,
});

const request = (orderId: string, ...lines: ReservationLine[]): ReservationRequest => ({
  orderId,
  currency: 'EUR',
  lines,
});
const patient = (orderId: string, ...lines: ReservationLine[]): ReservationRequest => ({
  ...request(orderId, ...lines),
  mayWait: true,
});

/** The one parcel of an order that is picked at one location. */
const parcel = (...products: [productCode: string, quantity: number][]) => [
  {
    shipment: '1',
    location: 'main',
    products: products.map(([productCode, quantity]) => ({ productCode, quantity })),
  },
];

const line = (productCode: string, quantity: number, unitPrice?: number): ReservationLine => ({
  productCode,
  quantity,
  ...(unitPrice === undefined ? {} : { unitPrice }),
});

const outcomesOf = (products: Product[], ...requests: ReservationRequest[]) =>
  allocate(products, requests).map(allocation => allocation.outcome);

describe('allocating stock', () => {
  it("prices each line by its own price or else the product's, and sums them up", () => {
    const lines = [line('A', 2), line('B', 3, 199)];
    expect(allocate([product('A', 5), product('B', 5)], [request('1', ...lines)])).toEqual([
      {
        orderId: '1',
        outcome: {
          status: 'reserved',
          unitPrices: [250, 199],
          total: 2 * 250 + 3 * 199,
          parcels: parcel(['A', 2], ['B', 3]),
        },
      },
    ]);
  });

  it('takes the last piece, and not one more', () => {
    expect(outcomesOf([product('A', 5, { reserved: 3 })], request('1', line('A', 2)))).toEqual([
      { status: 'reserved', unitPrices: [250], total: 500, parcels: parcel(['A', 2]) },
    ]);
    expect(outcomesOf([product('A', 5, { reserved: 3 })], request('1', line('A', 3)))).toEqual([
      { status: 'short', refusals: [{ line: 0, productCode: 'A', reason: 'ShortStock' }] },
    ]);
  });

  it('gives an order all its lines or none, and leaves the stock to the next one', () => {
    const products = [product('A', 5), product('B', 0)];
    const orders = [request('1', line('A', 5), line('B', 1)), request('2', line('A', 5))];
    const [first, second] = allocate(products, orders);
    expect(first).toEqual({
      orderId: '1',
      outcome: { status: 'short', refusals: [{ line: 1, productCode: 'B', reason: 'ShortStock' }] },
    });
    expect(second?.outcome.status).toBe('reserved');
  });

  it('serves orders first come, first served', () => {
    const orders = ['1', '2', '3'].map(id => request(id, line('A', 2)));
    const statuses = outcomesOf([product('A', 5)], ...orders).map(outcome => outcome.status);
    expect(statuses).toEqual(['reserved', 'reserved', 'short']);
  });

  it('sums the lines of the same product, and refuses each of them where the sum is too much', () => {
    const lines = [line('A', 3), line('B', 1), line('A', 3)];
    expect(outcomesOf([product('A', 5), product('B', 5)], request('1', ...lines))).toEqual([
      {
        status: 'short',
        refusals: [
          { line: 0, productCode: 'A', reason: 'ShortStock' },
          { line: 2, productCode: 'A', reason: 'ShortStock' },
        ],
      },
    ]);
    expect(outcomesOf([product('A', 6), product('B', 5)], request('1', ...lines))).toMatchObject([
      { parcels: parcel(['A', 6], ['B', 1]) },
    ]);
  });

  it('names every reason, line by line', () => {
    const products = [product('A', 5), product('USD', 5, { currency: 'USD' })];
    const lines = [line('A', 1), line('X', 1), line('USD', 1), line('A', 5)];
    expect(outcomesOf(products, request('1', ...lines))).toEqual([
      {
        status: 'short',
        refusals: [
          { line: 0, productCode: 'A', reason: 'ShortStock' },
          { line: 1, productCode: 'X', reason: 'UnknownProduct' },
          { line: 2, productCode: 'USD', reason: 'CurrencyMismatch' },
          { line: 3, productCode: 'A', reason: 'ShortStock' },
        ],
      },
    ]);
  });

  it('takes a product of another currency where the line names its own price', () => {
    const products = [product('USD', 5, { currency: 'USD' })];
    expect(outcomesOf(products, request('1', line('USD', 1, 0)))).toMatchObject([
      { status: 'reserved', unitPrices: [0], total: 0 },
    ]);
  });

  it('refuses the line that takes the total beyond what a number holds exactly', () => {
    const products = [product('A', 10)];
    const most = Number.MAX_SAFE_INTEGER;
    expect(outcomesOf(products, request('1', line('A', 1, most), line('A', 1, 0)))).toMatchObject([
      { status: 'reserved', unitPrices: [most, 0], total: most },
    ]);
    expect(outcomesOf(products, request('1', line('A', 1, most), line('A', 1, 1)))).toEqual([
      { status: 'short', refusals: [{ line: 1, productCode: 'A', reason: 'TotalTooLarge' }] },
    ]);
    expect(outcomesOf(products, request('1', line('A', 3, most)))).toEqual([
      { status: 'short', refusals: [{ line: 0, productCode: 'A', reason: 'TotalTooLarge' }] },
    ]);
  });

  const code = fc.constantFrom('A', 'B', 'C', 'unknown');
  const quantity = fc.integer({ min: 1, max: 6 });
  const arbitraryOrder = fc.array(fc.record({ productCode: code, quantity }), {
    minLength: 1,
    maxLength: 4,
  });
  const arbitraryStock = fc.tuple(fc.nat(10), fc.nat(10), fc.nat(10));

  it('never takes more than is free, and refuses no order that could have been served', () => {
    fc.assert(
      fc.property(arbitraryStock, fc.array(arbitraryOrder), (onHand, orders) => {
        const products = ['A', 'B', 'C'].map((code, i) => product(code, onHand[i] as number));
        const requests = orders.map((lines, i) => request(String(i), ...lines));
        const free = new Map(products.map((p, i) => [p.productCode, onHand[i] as number]));
        for (const [i, allocation] of allocate(products, requests).entries()) {
          const wanted = new Map<string, number>();
          for (const l of requests[i]?.lines ?? []) {
            wanted.set(l.productCode, (wanted.get(l.productCode) ?? 0) + l.quantity);
          }
          const served = [...wanted].every(([code, sum]) => sum <= (free.get(code) ?? 0));
          expect(allocation.outcome.status).toBe(served ? 'reserved' : 'short');
          if (!served) continue;
          expect(allocation.outcome).toMatchObject({ parcels: parcel(...wanted) });
          for (const [code, sum] of wanted) free.set(code, (free.get(code) ?? 0) - sum);
        }
        expect(Math.min(...free.values())).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  describe('where an order may wait', () => {
    it('lets it wait for what is short, at the prices of the moment', () => {
      const products = [product('A', 5), product('B', 1)];
      const order = patient('1', line('A', 2), line('B', 2), line('A', 1), line('B', 1, 7));
      expect(allocate(products, [order])).toEqual([
        {
          orderId: '1',
          outcome: { status: 'waiting', productCodes: ['B'] },
          wants: [line('A', 3), line('B', 3)],
          quote: { unitPrices: [250, 250, 250, 7], total: 5 * 250 + 7 },
        },
      ]);
    });

    it('serves it at once where nothing is short', () => {
      expect(outcomesOf([product('A', 2)], patient('1', line('A', 2)))).toMatchObject([
        { status: 'reserved' },
      ]);
    });

    it('lets nobody overtake those who wait, in the same batch or before', () => {
      const orders = [patient('1', line('A', 6)), request('2', line('A', 1))];
      expect(outcomesOf([product('A', 5)], ...orders).map(o => o.status)).toEqual([
        'waiting',
        'short',
      ]);
      const queued = product('A', 5, { backOrdered: 4 });
      const [first, second] = outcomesOf([queued], request('3', line('A', 1)), orders[1]!);
      expect([first?.status, second?.status]).toEqual(['reserved', 'short']);
    });

    it('refuses it where another line can never be served, and names every reason', () => {
      const lines = [line('A', 6), line('X', 1), line('A', 1, Number.MAX_SAFE_INTEGER)];
      expect(outcomesOf([product('A', 5)], patient('1', ...lines))).toEqual([
        {
          status: 'short',
          refusals: [
            { line: 0, productCode: 'A', reason: 'ShortStock' },
            { line: 1, productCode: 'X', reason: 'UnknownProduct' },
            { line: 2, productCode: 'A', reason: 'TotalTooLarge' },
          ],
        },
      ]);
    });
  });

  it('serves those who waited at their quotes, each from what the others leave', () => {
    const locations = [
      { location: 'north', onHand: 3, reserved: 0 },
      { location: 'south', onHand: 2, reserved: 1 },
    ];
    const quote = { unitPrices: [9], total: 18 };
    const waiting = ['1', '2'].map(orderId => ({ orderId, wants: [line('A', 2)], quote }));
    const products = [product('A', 0, { locations, backOrdered: 4 })];
    const [first, second] = serve(products, waiting).map(({ outcome }) => outcome);
    expect(first).toMatchObject({ ...quote, parcels: [{ location: 'north' }] });
    expect(second).toMatchObject({
      parcels: [
        { shipment: '1', location: 'north', products: [line('A', 1)] },
        { shipment: '2', location: 'south', products: [line('A', 1)] },
      ],
    });
  });
});
