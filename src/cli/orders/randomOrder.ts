/** Realistic, varied orders, made up from a seed. All persons and addresses are invented. */
import type { Product } from '../../domain/freeStock';
import type { Order } from '../../messages/orderReceived';
import { between, chance, pick, type Random } from './random';

/** A product that can be ordered. `price` in minor units of `currency`. */
type OrderableProduct = Pick<Product, 'productCode' | 'price' | 'currency'>;

export interface RandomOrderOptions {
  readonly orderId: string;
  /** RFC 3339. */
  readonly placedAt: string;
  /** What to order from; at least one. All lines are in the currency of one of them. */
  readonly products: readonly OrderableProduct[];
  /** How many lines; by default mostly a few. */
  readonly lines?: number;
  readonly synthetic?: true;
  readonly allowBackOrder?: true;
}

/** The same `random` and options give the same order. It is valid by the schema of `OrderReceived`. */
export function randomOrder(random: Random, options: RandomOrderOptions): Order {
  const { orderId, placedAt, synthetic, allowBackOrder } = options;
  const { currency } = pick(random, options.products);
  const products = options.products.filter(product => product.currency === currency);
  const lines = options.lines ?? pick(random, usualLines);
  return {
    orderId,
    placedAt,
    customer: randomCustomer(random),
    products: Array.from({ length: lines }, () => randomLine(random, products)),
    ...(chance(random, 0.9) && { channel: pick(random, channels) }),
    currency,
    ...(synthetic && { synthetic }),
    ...(allowBackOrder && { allowBackOrder }),
  };
}

const usualLines = [1, 1, 1, 2, 2, 3, 4, 6];
const usualQuantities = [1, 1, 1, 1, 2, 2, 3, 5, 12];
const channels = ['web', 'web', 'app', 'store', 'phone', 'marketplace'];

/** Every fifth line names its own price: 5 to 30 percent off. */
function randomLine(random: Random, products: readonly OrderableProduct[]) {
  const { productCode, price } = pick(random, products);
  const quantity = pick(random, usualQuantities);
  if (!chance(random, 0.2)) return { productCode, quantity };
  return { productCode, quantity, unitPrice: Math.round((price * between(random, 70, 95)) / 100) };
}

function randomCustomer(random: Random): Order['customer'] {
  const firstName = pick(random, firstNames);
  const lastName = pick(random, lastNames);
  const place = pick(random, places);
  const mailbox = `${firstName}.${lastName}`
    .normalize('NFD')
    .replace(/[^A-Za-z.]/g, '')
    .toLowerCase();
  return {
    firstName,
    lastName,
    emailAddress: `${mailbox}@example.com`,
    shippingAddress: {
      line1: `${between(random, 1, 240)} ${pick(random, streets)}`,
      ...(chance(random, 0.25) && { line2: `Apartment ${between(random, 1, 60)}` }),
      ...place,
    },
  };
}

const firstNames = [
  'Ada',
  'Alan',
  'Grace',
  'Edsger',
  'Barbara',
  'Donald',
  'Zoë',
  'José',
  'Mei',
  'Łukasz',
];
const lastNames = [
  'Lovelace',
  'Turing',
  'Hopper',
  "O'Brien",
  'García',
  'Müller',
  'Nguyễn',
  'Okafor',
  'Sato',
];
const streets = [
  'Analytical Way',
  'Market Street',
  'Station Road',
  'Long Lane',
  'Harbour View',
  'Mill Hill',
];

const places = [
  { city: 'Springfield', state: 'CA', postalCode: '90210', country: 'US' },
  { city: 'Albany', state: 'NY', postalCode: '12203', country: 'US' },
  { city: 'Austin', state: 'TX', postalCode: '73301', country: 'US' },
  { city: 'München', state: 'BY', postalCode: '80331', country: 'DE' },
  { city: 'Hamburg', state: 'HH', postalCode: '20095', country: 'DE' },
  { city: 'Lyon', state: 'ARA', postalCode: '69001', country: 'FR' },
  { city: 'Toronto', state: 'ON', postalCode: 'M5H 2N2', country: 'CA' },
  { city: 'Dublin', state: 'Leinster', postalCode: 'D02 X285', country: 'IE' },
  { city: 'São Paulo', state: 'SP', postalCode: '01310-100', country: 'BR' },
  { city: 'Utrecht', state: 'Utrecht', postalCode: '3511' },
];
