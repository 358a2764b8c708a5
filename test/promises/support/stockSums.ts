/** The stock must add up, by the program's own audit and by one of the tests' own. */
import { stockAudit } from '../../../src/postgres/stockAudit';
import type { World } from './world';

export async function expectStockToAddUp(world: World): Promise<void> {
  expect(await stockAudit(world.pool)).toEqual([]);
  expect(await imbalances(world)).toEqual([]);
}

/** Orders that hold stock, or wait for some. */
export async function ordersWithStock(world: World): Promise<string[]> {
  const rows = await world.sql<{ order_id: string }>(
    `SELECT order_id FROM reservations WHERE status IN ('reserved', 'waiting')
     UNION SELECT order_id FROM reservation_lines WHERE state = 'held'
     UNION SELECT order_id FROM back_orders`,
  );
  return rows.map(row => row.order_id);
}

/** Products that are oversold, or whose figures do not follow from the rows. */
function imbalances(world: World): Promise<unknown[]> {
  return world.sql(
    `SELECT * FROM (
       SELECT product_code, location, on_hand, reserved,
              (SELECT coalesce(sum(line.quantity), 0) FROM reservation_lines line
               WHERE line.product_code = shelf.product_code AND line.location = shelf.location
                 AND line.state = 'held' AND EXISTS (
                 SELECT FROM reservations header
                 WHERE header.order_id = line.order_id AND header.status = 'reserved')) AS live,
              (SELECT coalesce(sum(quantity), 0) FROM stock_movements movement
               WHERE movement.product_code = shelf.product_code
                 AND movement.location = shelf.location) AS moved
       FROM stock shelf
     ) figures
     WHERE reserved NOT BETWEEN 0 AND on_hand OR reserved <> live OR on_hand <> moved`,
  );
}
