/**
 * Orders per second through their whole life, with all partners at zero delay, against a bare Temporal
 * worker with workflows of the same shape. The partners' own processes are part of the full path.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../src/stack/ports';
import type { Bench, Figure } from '../section';
import { bareBlock, fullBlock } from '../support/blocks';
import { withRoles } from '../support/child';
import { compare } from '../support/comparison';
import { makeOrders } from '../support/orders';

export async function life(bench: Bench): Promise<Figure[]> {
  const { stage, bare } = bench;
  const { temporal: Temporal, kafka: Kafka, postgres: Postgres } = stage.servers;
  const books = mkdtempSync(join(tmpdir(), 'orderly-bench-partners-'));
  const env = { ...stage.env, ...(await planVariables(books)) };
  try {
    return await withRoles(['partners', 'intake', 'order-worker'], env, roles =>
      compare(
        bench,
        {
          processes: { 'bare worker and client': bare.pid, Temporal },
          block: orders => bareBlock(bench, orders, { type: 'bareLife' }),
        },
        {
          processes: {
            partners: roles.partners.pid,
            intake: roles.intake.pid,
            'order-worker': roles['order-worker'].pid,
            ...{ Temporal, Kafka, Postgres },
          },
          block: orders => fullBlock(stage, roles, makeOrders(orders)),
        },
      ),
    );
  } finally {
    rmSync(books, { recursive: true, force: true });
  }
}

/** Partners that answer at once, on ports of their own, and a plan that uses them all. */
async function planVariables(books: string): Promise<Record<string, string>> {
  const host = '127.0.0.1';
  const ports = [await freePort(), await freePort(), await freePort(), await freePort()] as const;
  const [a, b, carrier] = ports.map(port => `http://${host}:${port}`);
  return {
    HTTP_HOST: host,
    PARTNERS_PORTS: ports.join(','),
    PARTNERS_DATA_DIR: books,
    PAYMENT_PROVIDERS: `payment-a=${a},payment-b=${b}`,
    CARRIER_URL: carrier!,
  };
}
