/** The part of the role `intake` that reads what partners report, and passes it on to the orders. */
import type { Client } from '@temporalio/client';
import type { Kafka } from 'kafkajs';
import type { Pool } from 'pg';
import type { Config } from '../config';
import { orderWorkflowId } from '../domain/ids';
import { createPartnerMetrics } from '../intake/metrics';
import { dispatchedRoute, packedRoute } from '../intake/parcelNews';
import { createPartnerRecords } from '../intake/partnerRecords';
import { replenishRoute } from '../intake/replenish';
import { startWaker } from '../intake/waker';
import { createWorkflows } from '../intake/workflows';
import { type Consumption, consume } from '../kafka/consumer';
import type { Publisher } from '../kafka/publisher';
import type { Telemetry } from '../telemetry';
import type { Resources } from './resources';

export interface PartnerRecordsParts extends Telemetry {
  readonly config: Config;
  readonly kafka: Kafka;
  readonly pool: Pool;
  readonly client: Client;
  readonly publisher: Publisher;
}

/** Parcels are packed and fetched in minutes and hours: what comes in one moment is read in one go. */
const gather = { bytes: 64 * 1024, milliseconds: 250 } as const;

/** Reads the topics of partners, and wakes orders whose stock has come. */
export async function consumePartnerRecords(
  { config, kafka, pool, client, publisher, metrics, logger }: PartnerRecordsParts,
  resources: Resources,
): Promise<Consumption> {
  const workflows = createWorkflows({ client, address: config.TEMPORAL_ADDRESS });
  const wake = (orderId: string) => workflows.signal(orderWorkflowId(orderId), 'stockReserved');
  const waker = resources.use(startWaker({ pool, wake, logger }), started => started.stop());
  const routes = [
    replenishRoute(pool, () => waker.look()),
    packedRoute(workflows),
    dispatchedRoute(workflows),
  ];
  const group = config.KAFKA_PARTNERS_GROUP;
  return resources.use(
    await consume(kafka, {
      group,
      topics: routes.map(({ topic }) => topic),
      onRecord: createPartnerRecords({
        routes,
        publisher,
        group,
        maxBytes: config.MESSAGE_MAX_BYTES,
        metrics: createPartnerMetrics(metrics),
        logger,
      }),
      maxInFlight: config.INTAKE_STARTS_IN_FLIGHT,
      gather,
      drainMs: config.DRAIN_SECONDS * 1_000,
      logger,
    }),
    opened => opened.stop(),
  );
}
