/** Who gets which stock: decided in memory, all lines of an order or none. */
import type { LineRefusal, Reservation, ReservationLine, ReservationRequest } from './reservation';

/** One product: `price` in minor units of `currency`; `reserved` of the `onHand` pieces are spoken for. */
export interface Product {
  readonly productCode: string;
  readonly price: number;
  readonly currency: string;
  readonly onHand: number;
  readonly reserved: number;
}

/** What one order got: `quantities` per product, empty where the order is short. */
export interface Allocation {
  readonly orderId: string;
  readonly outcome: Extract<Reservation, { status: 'reserved' | 'short' }>;
  readonly quantities: Quantities;
}

/** Pieces by product code. */
type Quantities = ReadonlyMap<string, number>;

/**
 * Decides orders one after the other, first come first served: an order gets all its lines or none,
 * and what it gets is gone for those behind it. Lines of the same product are summed.
 *
 * A line is refused with the first reason that holds: UnknownProduct; CurrencyMismatch, where it names
 * no price of its own and the product's is in another currency; ShortStock, on every line of a product
 * whose sum is more than is free; TotalTooLarge, on a line that takes the total beyond 2^53 - 1.
 */
export function allocate(
  products: readonly Product[],
  requests: readonly ReservationRequest[],
): Allocation[] {
  const known = new Map(products.map(product => [product.productCode, product]));
  const taken = new Map<string, number>();
  return requests.map(request => {
    const allocation = allocateOrder(request, known, taken);
    for (const [productCode, quantity] of allocation.quantities) add(taken, productCode, quantity);
    return allocation;
  });
}

function allocateOrder(
  { orderId, currency, lines }: ReservationRequest,
  known: ReadonlyMap<string, Product>,
  taken: Quantities,
): Allocation {
  const wanted = sumPerProduct(lines);
  const refusals: LineRefusal[] = [];
  const unitPrices: number[] = [];
  let total = 0;
  for (const [index, line] of lines.entries()) {
    const { productCode } = line;
    const product = known.get(productCode);
    const price = line.unitPrice ?? product?.price ?? 0;
    const sum = total + line.quantity * price;
    const reason =
      refusalOf(line, currency, product, wanted, taken) ??
      (Number.isSafeInteger(sum) ? undefined : 'TotalTooLarge');
    if (reason !== undefined) {
      refusals.push({ line: index, productCode, reason });
      continue;
    }
    unitPrices.push(price);
    total = sum;
  }
  return refusals.length > 0
    ? { orderId, outcome: { status: 'short', refusals }, quantities: new Map() }
    : { orderId, outcome: { status: 'reserved', unitPrices, total }, quantities: wanted };
}

function refusalOf(
  { productCode, unitPrice }: ReservationLine,
  currency: string,
  product: Product | undefined,
  wanted: Quantities,
  taken: Quantities,
): LineRefusal['reason'] | undefined {
  if (product === undefined) return 'UnknownProduct';
  if (unitPrice === undefined && product.currency !== currency) return 'CurrencyMismatch';
  const free = product.onHand - product.reserved - quantityOf(taken, productCode);
  return quantityOf(wanted, productCode) > free ? 'ShortStock' : undefined;
}

function sumPerProduct(lines: readonly ReservationLine[]): Quantities {
  const sums = new Map<string, number>();
  for (const { productCode, quantity } of lines) add(sums, productCode, quantity);
  return sums;
}

const quantityOf = (quantities: Quantities, productCode: string): number =>
  quantities.get(productCode) ?? 0;

const add = (sums: Map<string, number>, productCode: string, quantity: number): void => {
  sums.set(productCode, quantityOf(sums, productCode) + quantity);
};
