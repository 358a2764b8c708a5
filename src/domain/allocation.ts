/** Who gets which stock: decided in memory, all lines of an order or none. */
import { FreeStock, type Product } from './freeStock';
import type { LineRefusal, Reservation, ReservationLine, ReservationRequest } from './reservation';
import type { StockLine } from './shipping';

/** What an order costs: each line's unit price and the total, in minor units of the order's currency. */
export interface Quote {
  readonly unitPrices: readonly number[];
  readonly total: number;
}

/** What one order got. */
export type Allocation = Granted | Refused | ({ readonly outcome: Waits } & WaitingOrder);

interface Granted {
  readonly orderId: string;
  readonly outcome: Extract<Reservation, { status: 'reserved' }>;
}
interface Refused {
  readonly orderId: string;
  readonly outcome: Extract<Reservation, { status: 'short' }>;
}
type Waits = Extract<Reservation, { status: 'waiting' }>;

/** An order that waits: it wants so much of each product, at the prices that held when it came. */
export interface WaitingOrder {
  readonly orderId: string;
  readonly wants: readonly StockLine[];
  readonly quote: Quote;
}
/**
 * Decides orders one after the other, first come first served: an order gets all its lines or none,
 * and what it gets is gone for those behind it. Lines of the same product are summed. What waiting
 * orders want is nobody else's, so none of these overtakes them.
 *
 * A line is refused with the first reason that holds: UnknownProduct; CurrencyMismatch, where it names
 * no price of its own and the product's is in another currency; TotalTooLarge, on a line that takes the
 * total beyond 2^53 - 1; ShortStock, on every line of a product whose sum is more than is free.
 *
 * An order that may wait does so where ShortStock alone keeps it from being served.
 */
export function allocate(
  products: readonly Product[],
  requests: readonly ReservationRequest[],
): Allocation[] {
  const known = new Map(products.map(product => [product.productCode, product]));
  const stock = new FreeStock(products);
  return requests.map(request => {
    const allocation = allocateOrder(request, known, stock);
    if ('wants' in allocation) stock.setAside(allocation.wants);
    return allocation;
  });
}

/** Gives orders that waited what was kept for them: their products have it, each of them whole. */
export function serve(products: readonly Product[], orders: readonly WaitingOrder[]): Granted[] {
  const stock = new FreeStock(products);
  return orders.map(({ orderId, wants, quote }) => ({
    orderId,
    outcome: { status: 'reserved', ...quote, parcels: stock.take(wants) },
  }));
}

function allocateOrder(
  { orderId, currency, lines, mayWait }: ReservationRequest,
  known: ReadonlyMap<string, Product>,
  stock: FreeStock,
): Allocation {
  const wants = sumPerProduct(lines);
  const short = new Set(wants.filter(isMoreThanFree(stock)).map(({ productCode }) => productCode));
  const refusals: LineRefusal[] = [];
  const unitPrices: number[] = [];
  let total = 0;
  for (const [index, line] of lines.entries()) {
    const { productCode, quantity } = line;
    const product = known.get(productCode);
    const price = line.unitPrice ?? product?.price ?? 0;
    const sum = total + quantity * price;
    const fault = faultOf(line, currency, product, sum);
    const reason = fault ?? (short.has(productCode) ? 'ShortStock' : undefined);
    if (reason !== undefined) refusals.push({ line: index, productCode, reason });
    if (fault !== undefined) continue;
    unitPrices.push(price);
    total = sum;
  }
  const quote = { unitPrices, total };
  if (refusals.length === 0) {
    return { orderId, outcome: { status: 'reserved', ...quote, parcels: stock.take(wants) } };
  }
  if (mayWait && refusals.every(({ reason }) => reason === 'ShortStock')) {
    return { orderId, outcome: { status: 'waiting', productCodes: [...short] }, wants, quote };
  }
  return { orderId, outcome: { status: 'short', refusals } };
}

/** Why a line can not be served, now or ever; `sum` is the total with it. */
function faultOf(
  { unitPrice }: ReservationLine,
  currency: string,
  product: Product | undefined,
  sum: number,
): LineRefusal['reason'] | undefined {
  if (product === undefined) return 'UnknownProduct';
  if (unitPrice === undefined && product.currency !== currency) return 'CurrencyMismatch';
  return Number.isSafeInteger(sum) ? undefined : 'TotalTooLarge';
}

const isMoreThanFree =
  (stock: FreeStock) =>
  ({ productCode, quantity }: StockLine): boolean =>
    quantity > stock.pieces(productCode);

function sumPerProduct(lines: readonly ReservationLine[]): StockLine[] {
  const sums = new Map<string, number>();
  for (const { productCode, quantity } of lines) {
    sums.set(productCode, (sums.get(productCode) ?? 0) + quantity);
  }
  return [...sums].map(([productCode, quantity]) => ({ productCode, quantity }));
}
