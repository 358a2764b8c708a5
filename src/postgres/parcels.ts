/** What becomes of the parcels of a reservation: shipped, or returned to the stock. */
import type { Pool, PoolClient } from 'pg';
import { coverQueue } from './backOrders';
import { query } from './pool';
import { lockProductsOf } from './products';
import { closeHeaders, lockHeaders } from './reservationStatements';

export interface ParcelId {
  readonly orderId: string;
  readonly shipment: string;
}

export type ParcelState = 'held' | 'shipped' | 'returned';

/**
 * Closes those of these parcels that are held. What ships leaves the stock, by a movement with the key
 * `shipped:<orderId>:<shipment>:<productCode>`; what is returned is free again, and first for those who
 * wait. An order's header is closed with its last parcel. Answers with the state of each parcel after,
 * undefined where there is none.
 */
export async function closeParcels(
  client: PoolClient,
  parcels: readonly ParcelId[],
  state: 'shipped' | 'returned',
): Promise<(ParcelState | undefined)[]> {
  const orderIds = [...new Set(parcels.map(({ orderId }) => orderId))];
  const headers = await lockHeaders(client, orderIds);
  const reserved = headers.filter(({ status }) => status === 'reserved').map(h => h.orderId);
  // An order that is reserved only just now is not locked, though its lines could be seen by now.
  const locked = parcels.filter(({ orderId }) => reserved.includes(orderId));
  const products = await lockProductsOf(client, reserved);
  await Promise.all([
    client.query(closeStatement, [...keysOf(locked), state]),
    closeHeaders(client, reserved),
    coverQueue(client, products),
  ]);
  const { rows } = await client.query<ParcelId & { state: ParcelState }>(
    `SELECT DISTINCT order_id AS "orderId", shipment, state
     FROM unnest($1::text[], $2::text[]) AS parcel (order_id, shipment)
       JOIN reservation_lines USING (order_id, shipment)`,
    keysOf(parcels),
  );
  const states = new Map(rows.map(row => [keyOf(row), row.state]));
  return parcels.map(parcel => states.get(keyOf(parcel)));
}

const closeStatement = `
  WITH closed AS (
    UPDATE reservation_lines SET state = $3
    FROM (SELECT DISTINCT * FROM unnest($1::text[], $2::text[]) AS parcel (order_id, shipment)) AS parcel
    WHERE reservation_lines.order_id = parcel.order_id
      AND reservation_lines.shipment = parcel.shipment AND state = 'held'
    RETURNING reservation_lines.order_id, reservation_lines.shipment, product_code, location, quantity
  ), moved AS (
    INSERT INTO stock_movements (product_code, location, kind, quantity, idempotency_key)
    SELECT product_code, location, 'shipped', -quantity,
           concat_ws(':', 'shipped', order_id, shipment, product_code)
    FROM closed WHERE $3 = 'shipped'
  )
  UPDATE stock
  SET reserved = reserved - gone.quantity,
      on_hand = on_hand - CASE WHEN $3 = 'shipped' THEN gone.quantity ELSE 0 END
  FROM (SELECT product_code, location, sum(quantity)::bigint AS quantity
        FROM closed GROUP BY product_code, location) AS gone
  WHERE stock.product_code = gone.product_code AND stock.location = gone.location`;

/** The parcels that stock was ever reserved for, by their numbers, whatever became of them. */
export async function readParcels(pool: Pool, orderId: string): Promise<string[]> {
  const rows = await query<{ shipment: string }>(
    pool,
    'SELECT DISTINCT shipment FROM reservation_lines WHERE order_id = $1 ORDER BY shipment',
    [orderId],
  );
  return rows.map(({ shipment }) => shipment);
}

const keysOf = (parcels: readonly ParcelId[]): string[][] => [
  parcels.map(({ orderId }) => orderId),
  parcels.map(({ shipment }) => shipment),
];
const keyOf = ({ orderId, shipment }: ParcelId): string => JSON.stringify([orderId, shipment]);
