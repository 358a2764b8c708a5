import type { Config } from '../config';
import { createIntake } from '../intake/intake';
import { createIntakeMetrics } from '../intake/metrics';
import { planOf } from '../intake/plan';
import { createRefuser } from '../intake/refuse';
import { createStarter } from '../intake/start';
import { createStartGate } from '../intake/startGate';
import { createKafka } from '../kafka/client';
import { type Consumption, consume } from '../kafka/consumer';
import { createPublisher } from '../kafka/publisher';
import { readKpiCatalogue } from '../kpiCatalogue';
import { kpiRecords } from '../kpiRecords';
import { orderReceived } from '../messages/orderReceived';
import { createPool } from '../postgres/pool';
import { readAnswered } from '../postgres/reservations';
import type { Telemetry } from '../telemetry';
import { connectNative, createClient } from '../temporal';
import { observeConsumption } from './consumptionMetrics';
import { computeTime, startMeasurements } from './measurements';
import { consumePartnerRecords } from './partnerRecords';
import { serverTroubles } from './probes';
import type { Resources } from './resources';
import type { Running } from './role';
import { setUp } from './setUp';
import { vouchedPublisher } from './vouchedPublisher';

/** While some orders start, others are being registered, and their starts noted. */
const inHandPerStart = 3;

/**
 * The role `intake`: from the topic `OrderReceived` to exactly one workflow per order, and what partners
 * report to those that run.
 */
export async function intakeRole(
  config: Config,
  { logger, metrics }: Telemetry,
  resources: Resources,
  overdue: AbortSignal,
): Promise<Running> {
  const catalogue = readKpiCatalogue();
  const kafka = createKafka(config, 'orderly-intake', logger);
  const pool = resources.use(createPool(config, logger), opened => opened.end());
  const temporal = resources.use(await connectNative(config), opened => opened.close());
  await setUp({ kafka, pool, temporal }, catalogue, config, logger);

  const publisher = resources.use(await createPublisher(kafka, { logger, overdue }), opened =>
    opened.stop(),
  );
  const tracked = vouchedPublisher(resources, {
    producer: 'intake',
    instance: config.SERVICE_INSTANCE,
    catalogue,
    publisher,
    logger,
  });
  const measurements = startMeasurements({
    measures: [computeTime('intake', config.SERVICE_INSTANCE)],
    catalogue,
    publisher: tracked,
    deployment: config.DEPLOYMENT_VERSION,
    logger,
  });
  resources.use(measurements, started => started.stop());
  const refuse = createRefuser({
    pool,
    publisher: tracked,
    group: config.KAFKA_INTAKE_GROUP,
    kpiRecords: occurrence => kpiRecords(catalogue, occurrence, config.DEPLOYMENT_VERSION),
  });
  const client = createClient(temporal, config);
  const stopping = new AbortController();
  const stopOrders = async (opened: Consumption): Promise<void> => {
    const stopped = opened.stop();
    stopping.abort();
    await stopped;
  };
  const consumption = resources.use(
    await consume(kafka, {
      group: config.KAFKA_INTAKE_GROUP,
      topics: [orderReceived.topic],
      onRecord: createIntake({
        pool,
        gate: createStartGate({
          limit: config.INTAKE_OPEN_ORDERS,
          answered: orderIds => readAnswered(pool, orderIds),
          logger,
          signal: stopping.signal,
        }),
        startOrder: createStarter({
          client,
          address: config.TEMPORAL_ADDRESS,
          taskQueue: config.TEMPORAL_TASK_QUEUE,
          defaultCurrency: config.DEFAULT_CURRENCY,
          plan: planOf(config),
        }),
        startsInFlight: config.INTAKE_STARTS_IN_FLIGHT,
        refuse,
        maxBytes: config.MESSAGE_MAX_BYTES,
        metrics: createIntakeMetrics(metrics),
        logger,
      }),
      maxInFlight: config.INTAKE_STARTS_IN_FLIGHT * inHandPerStart,
      drainMs: config.DRAIN_SECONDS * 1_000,
      logger,
    }),
    stopOrders,
  );
  const partners = await consumePartnerRecords(
    { config, kafka, pool, client, publisher, metrics, logger },
    resources,
  );
  observeConsumption(metrics, consumption, partners);
  // One would take new records for as long as the other drains.
  resources.use(partners, opened => Promise.all([stopOrders(consumption), opened.stop()]));

  return {
    troubles: async () => [
      ...(consumption.joined && partners.joined ? [] : ['not in the consumer groups']),
      ...(await serverTroubles({ pool, temporal })),
    ],
  };
}
