import fc from 'fast-check';
import { allocate, type Product } from '../../src/domain/allocation';
import type { ReservationLine } from '../../src/domain/reservation';

const product = (productCode: string, onHand: number, rest: Partial<Product> = {}): Product => ({
  productCode,
  onHand,
  price: 250,
  currency: 'EUR',
  reserved: 0,
  ...rest,
});

const request = (orderId: string, ...lines: ReservationLine[]) => ({
  orderId,
  currency: 'EUR',
  lines,
});

const line = (productCode: string, quantity: number, unitPrice?: number): ReservationLine => ({
  productCode,
  quantity,
  ...(unitPrice === undefined ? {} : { unitPrice }),
});

const outcomesOf = (products: Product[], ...requests: ReturnType<typeof request>[]) =>
  allocate(products, requests).map(allocation => allocation.outcome);

describe('allocating stock', () => {
  it("prices each line by its own price or else the product's, and sums them up", () => {
    const lines = [line('A', 2), line('B', 3, 199)];
    expect(allocate([product('A', 5), product('B', 5)], [request('1', ...lines)])).toEqual([
      {
        orderId: '1',
        outcome: { status: 'reserved', unitPrices: [250, 199], total: 2 * 250 + 3 * 199 },
        quantities: new Map([
          ['A', 2],
          ['B', 3],
        ]),
      },
    ]);
  });

  it('takes the last piece, and not one more', () => {
    expect(outcomesOf([product('A', 5, { reserved: 3 })], request('1', line('A', 2)))).toEqual([
      { status: 'reserved', unitPrices: [250], total: 500 },
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
      quantities: new Map(),
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
    const [allocation] = allocate([product('A', 6), product('B', 5)], [request('1', ...lines)]);
    expect(allocation?.quantities.get('A')).toBe(6);
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
    expect(outcomesOf(products, request('1', line('USD', 1, 0)))).toEqual([
      { status: 'reserved', unitPrices: [0], total: 0 },
    ]);
  });

  it('refuses the line that takes the total beyond what a number holds exactly', () => {
    const products = [product('A', 10)];
    const most = Number.MAX_SAFE_INTEGER;
    expect(outcomesOf(products, request('1', line('A', 1, most), line('A', 1, 0)))).toEqual([
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
        const free = new Map(products.map(p => [p.productCode, p.onHand]));
        for (const [i, allocation] of allocate(products, requests).entries()) {
          const wanted = new Map<string, number>();
          for (const l of requests[i]?.lines ?? []) {
            wanted.set(l.productCode, (wanted.get(l.productCode) ?? 0) + l.quantity);
          }
          const served = [...wanted].every(([code, sum]) => sum <= (free.get(code) ?? 0));
          expect(allocation.outcome.status).toBe(served ? 'reserved' : 'short');
          expect(allocation.quantities).toEqual(served ? wanted : new Map());
          for (const [code, sum] of allocation.quantities) {
            free.set(code, (free.get(code) ?? 0) - sum);
          }
        }
        expect(Math.min(...free.values())).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});
