/** What the demonstration's roles are told beside where the servers are. */
import { join } from 'node:path';
import type { Config } from '../../config';

const host = '127.0.0.1';

/** Where the partners keep their books. */
export const booksIn = (dir: string): string => join(dir, 'partners');

/**
 * Orders live their whole life, in seconds where a real shop would give days.
 * @param dir folder of the servers and their data
 */
export function lifeVariables(
  { PARTNERS_PORTS: ports }: Pick<Config, 'PARTNERS_PORTS'>,
  dir: string,
): Record<string, string> {
  const urlOf = (name: keyof typeof ports) => `http://${host}:${ports[name]}`;
  const providers = ['payment-a', 'payment-b'] as const;
  return {
    HTTP_HOST: host,
    PARTNERS_PORTS: Object.values(ports).join(','),
    PARTNERS_DATA_DIR: booksIn(dir),
    PAYMENT_PROVIDERS: providers.map(name => `${name}=${urlOf(name)}`).join(','),
    PAYMENT_DEADLINE_SECONDS: '60',
    CARRIER_URL: urlOf('carrier'),
    PICKING_SECONDS: '30',
    DISPATCH_SECONDS: '30',
    BACK_ORDERS: 'true',
    BACK_ORDER_DEADLINE_SECONDS: '15',
    APPROVAL_LIMITS: 'EUR=1000000',
    APPROVAL_REMIND_SECONDS: '30',
    APPROVAL_DEADLINE_SECONDS: '120',
  };
}
