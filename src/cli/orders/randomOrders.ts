import { randomInt } from 'node:crypto';
import type { Config } from '../../config';
import { OrderlyError } from '../../errors';
import type { Order } from '../../messages/orderReceived';
import { listStock } from '../../postgres/stock';
import { withDatabase } from '../servers/postgres';
import { createRandom } from './random';
import { type RandomOrderOptions, randomOrder } from './randomOrder';
import { newIdPrefix } from './submission';

/**
 * Made-up orders of the products that are in the database, each made when it is asked for.
 * @throws OrderlyError NoProducts, PostgresUnavailable
 */
export async function randomOrders(
  config: Config,
  count: number,
  options: Pick<RandomOrderOptions, 'allowBackOrder'> = {},
): Promise<Iterable<Order>> {
  const products = await withDatabase(config, listStock);
  if (products.length === 0) throw new OrderlyError('NoProducts');
  const random = createRandom(randomInt(2 ** 32));
  const prefix = newIdPrefix('random');
  return (function* () {
    for (let number = 1; number <= count; number++) {
      const orderId = `${prefix}${number}`;
      const placedAt = new Date().toISOString();
      yield randomOrder(random, { ...options, orderId, placedAt, products });
    }
  })();
}
