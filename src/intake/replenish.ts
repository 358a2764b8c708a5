/** Stock that has come in: once per submission, and first for the orders that wait for it. */
import type { Pool } from 'pg';
import { stockReplenished } from '../messages/stockReplenished';
import { addStock } from '../postgres/stock';
import { originDigest } from './identity';
import { type PartnerRoute, partnerRoute } from './partnerRecords';

/** `replenished` is called after each replenishment, when there may be orders to wake. */
export function replenishRoute(pool: Pool, replenished: () => void): PartnerRoute {
  return partnerRoute(stockReplenished, async ({ productCode, quantity, location }, origin) => {
    const idempotencyKey = `replenished:${originDigest(origin)}`;
    await addStock(pool, productCode, quantity, { location, idempotencyKey });
    replenished();
    return 'done';
  });
}
