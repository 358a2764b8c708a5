/**
 * Products and what is on hand of them, by location. Every change of `on_hand` is a movement; the two
 * add up. Stock that comes is for the orders that wait for it, in the same transaction.
 */
import type { Pool, PoolClient } from 'pg';
import type { Product } from '../domain/freeStock';
import { OrderlyError } from '../errors';
import { coverQueue } from './backOrders';
import { query, transaction } from './pool';
import { lockProducts } from './products';

/** The most pieces of one product; what a `bigint` column and a JavaScript number both hold exactly. */
export const stockLimit = Number.MAX_SAFE_INTEGER;

/** Where stock lies of which nobody says where. */
export const mainLocation = 'main';

/** A product with its sums over all locations. */
export interface ProductStock extends Product {
  readonly onHand: number;
  readonly reserved: number;
}

/** Minor units of a currency (ISO 4217 code). */
export interface Price {
  readonly amount: number;
  readonly currency: string;
}

/** @throws OrderlyError ProductUnknown, PostgresUnavailable. */
export async function mustBeKnown(pool: Pool, productCode: string): Promise<void> {
  const known = await query(pool, 'SELECT FROM products WHERE product_code = $1', [productCode]);
  if (known.length === 0) throw new OrderlyError('ProductUnknown', { productCode });
}

/** All products, by product code. */
export async function listStock(pool: Pool): Promise<ProductStock[]> {
  return await query<ProductStock>(
    pool,
    `SELECT product_code AS "productCode", price, currency,
            coalesce(sum(on_hand), 0)::bigint AS "onHand",
            coalesce(sum(reserved), 0)::bigint AS reserved, back_ordered AS "backOrdered",
            coalesce(jsonb_agg(jsonb_build_object('location', location, 'onHand', on_hand,
                                                  'reserved', reserved)
                               ORDER BY location) FILTER (WHERE location IS NOT NULL), '[]') AS locations
     FROM products LEFT JOIN stock USING (product_code)
     GROUP BY product_code ORDER BY product_code`,
  );
}

/**
 * Makes `quantity` what is on hand at the location, noting the difference as an adjustment. A `price`
 * creates the product where it is new, and changes it where it is known.
 * @throws OrderlyError ProductUnknown (new, but no price), StockBelowReserved, StockTooLarge,
 * PostgresUnavailable.
 */
export async function setStock(
  pool: Pool,
  productCode: string,
  quantity: number,
  { price, location = mainLocation }: { price?: Price; location?: string } = {},
): Promise<ProductStock> {
  return await transaction(pool, async client => {
    if (price !== undefined) await upsertPrice(client, productCode, price);
    const product = await lockProduct(client, productCode);
    const { onHand, reserved } = shelfOf(product, location);
    if (quantity < reserved) {
      throw new OrderlyError('StockBelowReserved', { productCode, quantity, reserved });
    }
    return await move(client, product, {
      kind: 'adjusted',
      location,
      quantity: quantity - onHand,
    });
  });
}

/**
 * Adds goods received. With an idempotency key the same delivery counts once, however often it is told.
 * @throws OrderlyError ProductUnknown, StockTooLarge, PostgresUnavailable.
 */
export async function addStock(
  pool: Pool,
  productCode: string,
  quantity: number,
  options: { location?: string; idempotencyKey?: string } = {},
): Promise<ProductStock> {
  const { location = mainLocation, idempotencyKey } = options;
  return await transaction(pool, async client => {
    const product = await lockProduct(client, productCode);
    return await move(client, product, { kind: 'received', location, quantity, idempotencyKey });
  });
}

/** A product that is new, with what has been received of it; at the main location where none is named. */
export interface ProductSeed extends Pick<Product, 'productCode' | 'price' | 'currency'> {
  readonly onHand: number;
  readonly location?: string;
}

/** Creates the products that are new, with what is on hand as received; known ones stay as they are. */
export async function seedStock(pool: Pool, products: readonly ProductSeed[]): Promise<void> {
  await query(
    pool,
    `WITH created AS (
       INSERT INTO products (product_code, price, currency)
       SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[])
         AS product (product_code, price, currency)
       ORDER BY product_code COLLATE "C"
       ON CONFLICT DO NOTHING
       RETURNING product_code
     ), shelved AS (
       INSERT INTO stock (product_code, location, on_hand)
       SELECT product_code, location, on_hand
       FROM created JOIN unnest($1::text[], $4::bigint[], $5::text[])
         AS seed (product_code, on_hand, location) USING (product_code)
       RETURNING product_code, location, on_hand
     )
     INSERT INTO stock_movements (product_code, location, kind, quantity)
     SELECT product_code, location, 'received', on_hand FROM shelved WHERE on_hand <> 0`,
    [
      products.map(product => product.productCode),
      products.map(product => product.price),
      products.map(product => product.currency),
      products.map(product => product.onHand),
      products.map(({ location = mainLocation }) => location),
    ],
  );
}

async function upsertPrice(client: PoolClient, productCode: string, price: Price): Promise<void> {
  await client.query(
    `INSERT INTO products (product_code, price, currency) VALUES ($1, $2, $3)
     ON CONFLICT (product_code) DO UPDATE SET price = $2, currency = $3`,
    [productCode, price.amount, price.currency],
  );
}

async function lockProduct(client: PoolClient, productCode: string): Promise<Product> {
  const [product] = await lockProducts(client, [productCode]);
  if (product === undefined) throw new OrderlyError('ProductUnknown', { productCode });
  return product;
}

interface Movement {
  readonly kind: 'received' | 'adjusted';
  readonly location: string;
  readonly quantity: number;
  readonly idempotencyKey?: string;
}

/**
 * Notes a movement of a locked product, applies it, and covers the queue with it; nothing where there is
 * nothing to move or its key is known. Answers with the product as it is then.
 */
async function move(
  client: PoolClient,
  product: Product,
  { kind, location, quantity, idempotencyKey }: Movement,
): Promise<ProductStock> {
  const { productCode } = product;
  if (sumsOf(product).onHand + quantity > stockLimit) {
    throw new OrderlyError('StockTooLarge', { productCode, limit: stockLimit });
  }
  if (quantity === 0) return sumsOf(product);
  const [, { rowCount }] = await Promise.all([
    client.query(
      `INSERT INTO stock (product_code, location, on_hand) VALUES ($1, $2, 0)
       ON CONFLICT DO NOTHING`,
      [productCode, location],
    ),
    client.query(
      `WITH moved AS (
         INSERT INTO stock_movements (product_code, location, kind, quantity, idempotency_key)
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (idempotency_key) DO NOTHING
         RETURNING product_code, location, quantity
       )
       UPDATE stock SET on_hand = on_hand + moved.quantity FROM moved
       WHERE stock.product_code = moved.product_code AND stock.location = moved.location`,
      [productCode, location, kind, quantity, idempotencyKey ?? null],
    ),
    coverQueue(client, [product]),
  ]);
  return sumsOf(rowCount === 0 ? product : withMoved(product, location, quantity));
}

const emptyShelf = (location: string) => ({ location, onHand: 0, reserved: 0 });

const shelfOf = ({ locations }: Product, location: string) =>
  locations.find(shelf => shelf.location === location) ?? emptyShelf(location);

function withMoved(product: Product, location: string, quantity: number): Product {
  const shelf = shelfOf(product, location);
  const moved = { ...shelf, onHand: shelf.onHand + quantity };
  const others = product.locations.filter(other => other.location !== location);
  return { ...product, locations: [...others, moved] };
}

function sumsOf(product: Product): ProductStock {
  const locations = [...product.locations].sort((a, b) => (a.location < b.location ? -1 : 1));
  const sum = (of: 'onHand' | 'reserved') => locations.reduce((pieces, s) => pieces + s[of], 0);
  return { ...product, onHand: sum('onHand'), reserved: sum('reserved'), locations };
}
