/**
 * Orders per second from Kafka to closed workflow, KPI events on, against a bare Temporal worker with a
 * workflow of the same shape. All orders are in Kafka at once; the bare client keeps a number in flight.
 */
import type { Bench, Figure } from '../section';
import { bareBlock, fullBlock } from '../support/blocks';
import { withRoles } from '../support/child';
import { compare } from '../support/comparison';
import { makeOrders } from '../support/orders';

export function throughput(bench: Bench): Promise<Figure[]> {
  const { stage, bare } = bench;
  const { temporal: Temporal, kafka: Kafka, postgres: Postgres } = stage.servers;
  return withRoles(['intake', 'order-worker'], stage.env, roles =>
    compare(
      bench,
      {
        processes: { 'bare worker and client': bare.pid, Temporal },
        block: orders => bareBlock(bench, orders),
      },
      {
        processes: {
          intake: roles.intake.pid,
          'order-worker': roles['order-worker'].pid,
          ...{ Temporal, Kafka, Postgres },
        },
        block: orders => fullBlock(stage, roles, makeOrders(orders)),
      },
    ),
  );
}
