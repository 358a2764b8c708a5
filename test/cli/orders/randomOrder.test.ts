import fc from 'fast-check';
import { createRandom } from '../../../src/cli/orders/random';
import { type RandomOrderOptions, randomOrder } from '../../../src/cli/orders/randomOrder';
import { orderReceived } from '../../../src/messages/orderReceived';

const product = fc.record({
  productCode: fc.stringMatching(/^[A-Z0-9-]{1,20}$/),
  price: fc.integer({ min: 0, max: 1_000_000_000 }),
  currency: fc.constantFrom('EUR', 'USD', 'JPY'),
});

const options: fc.Arbitrary<RandomOrderOptions> = fc.record(
  {
    orderId: fc.stringMatching(/^[A-Za-z0-9-]{1,64}$/),
    placedAt: fc.constant('2026-01-31T09:30:00Z'),
    products: fc.array(product, { minLength: 1, maxLength: 10 }),
    lines: fc.integer({ min: 1, max: 500 }),
    synthetic: fc.constant(true as const),
  },
  { requiredKeys: ['orderId', 'placedAt', 'products'] },
);

describe('a random order', () => {
  it('is valid by the schema of OrderReceived', () => {
    fc.assert(
      fc.property(fc.integer(), options, (seed, given) => {
        const order = randomOrder(createRandom(seed), given);
        expect(orderReceived.schema.safeParse(order).error).toBeUndefined();
        expect(orderReceived.schema.parse(order)).toEqual(order);
      }),
    );
  });

  it('is the same for the same seed', () => {
    fc.assert(
      fc.property(fc.integer(), options, (seed, given) => {
        const make = () => randomOrder(createRandom(seed), given);
        expect(make()).toEqual(make());
      }),
    );
  });

  it('orders only what there is, in one currency', () => {
    fc.assert(
      fc.property(fc.integer(), options, (seed, given) => {
        const order = randomOrder(createRandom(seed), given);
        for (const { productCode } of order.products) {
          const known = given.products.filter(each => each.productCode === productCode);
          expect(known.map(each => each.currency)).toContain(order.currency);
        }
      }),
    );
  });

  it('has as many lines as asked for, and is synthetic only where asked for', () => {
    fc.assert(
      fc.property(fc.integer(), options, (seed, given) => {
        const order = randomOrder(createRandom(seed), given);
        if (given.lines !== undefined) expect(order.products).toHaveLength(given.lines);
        expect(order.synthetic).toBe(given.synthetic);
      }),
    );
  });

  it('varies: customers, places, channels, numbers of lines, prices of its own', () => {
    const random = createRandom(1);
    const products = [{ productCode: 'TEA', price: 500, currency: 'EUR' }];
    const orders = Array.from({ length: 300 }, (_, number) =>
      randomOrder(random, { orderId: `A-${number}`, placedAt: '2026-01-31T09:30:00Z', products }),
    );
    const kinds = (of: (order: (typeof orders)[number]) => unknown) => new Set(orders.map(of)).size;
    expect(kinds(order => order.customer.emailAddress)).toBeGreaterThan(30);
    expect(kinds(order => order.customer.shippingAddress.city)).toBeGreaterThan(5);
    expect(kinds(order => order.channel)).toBeGreaterThan(4);
    expect(kinds(order => order.products.length)).toBeGreaterThan(3);
    expect(kinds(order => order.products.some(line => line.unitPrice !== undefined))).toBe(2);
  });
});
