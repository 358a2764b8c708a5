/** Reading products with what lies where, and locking them: a product's row is the lock of its stock. */
import type { PoolClient } from 'pg';
import type { Product, Shelf } from '../domain/freeStock';

/** Locks these products until the transaction ends, and reads them. Unknown ones are left out. */
export async function lockProducts(
  client: PoolClient,
  productCodes: Iterable<string>,
): Promise<Product[]> {
  const codes = [...new Set(productCodes)];
  // The stock is read by a statement of its own: that of the lock may have begun before it was given.
  const [{ rows: products }, { rows: shelves }] = await Promise.all([
    client.query<Omit<Product, 'locations'>>(
      `SELECT product_code AS "productCode", price, currency, back_ordered AS "backOrdered"
       FROM products WHERE product_code = ANY($1) ORDER BY product_code FOR NO KEY UPDATE`,
      [codes],
    ),
    client.query<Shelf & { productCode: string }>(
      `SELECT product_code AS "productCode", location, on_hand AS "onHand", reserved
       FROM stock WHERE product_code = ANY($1)`,
      [codes],
    ),
  ]);
  const locations = new Map<string, Shelf[]>(products.map(p => [p.productCode, []]));
  for (const { productCode, ...shelf } of shelves) locations.get(productCode)?.push(shelf);
  return products.map(product => ({
    ...product,
    locations: locations.get(product.productCode) ?? [],
  }));
}

/** Locks the products that these orders hold or wait for; the orders' headers are locked already. */
export async function lockProductsOf(
  client: PoolClient,
  orderIds: readonly string[],
): Promise<Product[]> {
  const { rows } = await client.query<{ product_code: string }>(
    `SELECT product_code FROM reservation_lines WHERE order_id = ANY($1) AND state = 'held'
     UNION SELECT product_code FROM back_orders WHERE order_id = ANY($1)`,
    [orderIds],
  );
  return await lockProducts(
    client,
    rows.map(row => row.product_code),
  );
}
