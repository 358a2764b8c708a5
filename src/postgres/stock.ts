/** Products and what is on hand of them. Every change of `on_hand` is a movement; the two add up. */
import type { Pool, PoolClient } from 'pg';
import type { Product } from '../domain/allocation';
import { OrderlyError } from '../errors';
import { query, transaction } from './pool';

/** The most pieces of one product; what a `bigint` column and a JavaScript number both hold exactly. */
const stockLimit = Number.MAX_SAFE_INTEGER;

export const productColumns = `product_code AS "productCode", price, currency, on_hand AS "onHand", reserved`;

/** Minor units of a currency (ISO 4217 code). */
export interface Price {
  readonly amount: number;
  readonly currency: string;
}

/** All products, by product code. */
export async function listStock(pool: Pool): Promise<Product[]> {
  return await query<Product>(pool, `SELECT ${productColumns} FROM products ORDER BY product_code`);
}

/**
 * Makes `quantity` what is on hand, noting the difference as an adjustment. A `price` creates the
 * product where it is new, and changes it where it is known.
 * @throws OrderlyError ProductUnknown (new, but no price), StockBelowReserved, PostgresUnavailable.
 */
export async function setStock(
  pool: Pool,
  productCode: string,
  quantity: number,
  price?: Price,
): Promise<Product> {
  refuseTooLarge(productCode, quantity);
  return await transaction(pool, async client => {
    if (price !== undefined) await upsertPrice(client, productCode, price);
    const product = await lockProduct(client, productCode);
    if (quantity < product.reserved) {
      const { reserved } = product;
      throw new OrderlyError('StockBelowReserved', { productCode, quantity, reserved });
    }
    await move(client, productCode, 'adjusted', quantity - product.onHand);
    return { ...product, onHand: quantity };
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
  idempotencyKey?: string,
): Promise<Product> {
  return await transaction(pool, async client => {
    const product = await lockProduct(client, productCode);
    refuseTooLarge(productCode, product.onHand + quantity);
    const moved = await move(client, productCode, 'received', quantity, idempotencyKey);
    return moved ? { ...product, onHand: product.onHand + quantity } : product;
  });
}

/** Creates the products that are new, with what is on hand as received; known ones stay as they are. */
export async function seedStock(
  pool: Pool,
  products: readonly Omit<Product, 'reserved'>[],
): Promise<void> {
  await query(
    pool,
    `WITH created AS (
       INSERT INTO products (product_code, price, currency, on_hand)
       SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[], $4::bigint[])
         AS product (product_code, price, currency, on_hand)
       ORDER BY product_code COLLATE "C"
       ON CONFLICT DO NOTHING
       RETURNING product_code, on_hand
     )
     INSERT INTO stock_movements (product_code, kind, quantity)
     SELECT product_code, 'received', on_hand FROM created WHERE on_hand <> 0`,
    [
      products.map(product => product.productCode),
      products.map(product => product.price),
      products.map(product => product.currency),
      products.map(product => product.onHand),
    ],
  );
}

async function upsertPrice(client: PoolClient, productCode: string, price: Price): Promise<void> {
  await client.query(
    `INSERT INTO products (product_code, price, currency, on_hand) VALUES ($1, $2, $3, 0)
     ON CONFLICT (product_code) DO UPDATE SET price = $2, currency = $3`,
    [productCode, price.amount, price.currency],
  );
}

async function lockProduct(client: PoolClient, productCode: string): Promise<Product> {
  const { rows } = await client.query<Product>(
    `SELECT ${productColumns} FROM products WHERE product_code = $1 FOR NO KEY UPDATE`,
    [productCode],
  );
  const [product] = rows;
  if (product === undefined) throw new OrderlyError('ProductUnknown', { productCode });
  return product;
}

/** Notes a movement and applies it; answers false where there is nothing to move or it is known. */
async function move(
  client: PoolClient,
  productCode: string,
  kind: 'received' | 'adjusted',
  quantity: number,
  idempotencyKey?: string,
): Promise<boolean> {
  if (quantity === 0) return false;
  const { rowCount } = await client.query(
    `WITH moved AS (
       INSERT INTO stock_movements (product_code, kind, quantity, idempotency_key)
       VALUES ($1, $2, $3, $4) ON CONFLICT (idempotency_key) DO NOTHING
       RETURNING quantity
     )
     UPDATE products SET on_hand = on_hand + moved.quantity FROM moved WHERE product_code = $1`,
    [productCode, kind, quantity, idempotencyKey ?? null],
  );
  return rowCount === 1;
}

function refuseTooLarge(productCode: string, quantity: number): void {
  if (quantity > stockLimit) {
    throw new OrderlyError('StockTooLarge', { productCode, limit: stockLimit });
  }
}
