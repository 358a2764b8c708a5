import type { Config } from '../config';
import { createKafka } from '../kafka/client';
import { consume } from '../kafka/consumer';
import { publishDeadLetter } from '../kafka/deadLetter';
import { createPublisher } from '../kafka/publisher';
import { readKpiCatalogue } from '../kpiCatalogue';
import { createHeartbeats } from '../ledger/heartbeats';
import { inOrder } from '../ledger/inOrder';
import { commitEveryMs, createLedger, gather, inHand } from '../ledger/ledger';
import { createLedgerMetrics } from '../ledger/metrics';
import { startRetention } from '../ledger/retention';
import { kpiTopic } from '../messages/kpiEvent';
import { kpiHeartbeat } from '../messages/kpiHeartbeat';
import { createPool } from '../postgres/pool';
import type { Telemetry } from '../telemetry';
import { observeConsumption } from './consumptionMetrics';
import { computeTime, startMeasurements } from './measurements';
import { serverTroubles } from './probes';
import type { Resources } from './resources';
import type { Running } from './role';
import { setUp } from './setUp';
import { vouchedPublisher } from './vouchedPublisher';

/** The role `ledger`: from the KPIs' topics to figures in which each event counts once. */
export async function ledgerRole(
  config: Config,
  { logger, metrics }: Telemetry,
  resources: Resources,
  overdue: AbortSignal,
): Promise<Running> {
  const catalogue = readKpiCatalogue();
  const kafka = createKafka(config, 'orderly-ledger', logger);
  const pool = resources.use(createPool(config, logger), opened => opened.end());
  await setUp({ kafka, pool }, catalogue, config, logger);

  const { LEDGER_KEEP_DAYS: keepDays, KAFKA_LEDGER_GROUP: group } = config;
  resources.use(startRetention({ pool, keepDays, logger }), started => started.stop());
  const publisher = resources.use(await createPublisher(kafka, { logger, overdue }), opened =>
    opened.stop(),
  );
  const kpiTopics = catalogue.namesWithEvents.map(kpiTopic);
  // It hears its own heartbeats as it hears those of others, and answers none.
  const tracked = vouchedPublisher(resources, {
    producer: 'ledger',
    instance: config.SERVICE_INSTANCE,
    catalogue,
    publisher,
    logger,
  });
  const stopping = resources.use(new AbortController(), async controller => controller.abort());
  const consumption = resources.use(
    await consume(kafka, {
      group,
      // One answer of a broker brings so many bytes of what is asked for, in this order: events that have piled up
      // must not keep it from hearing who lives.
      topics: [kpiHeartbeat.topic, ...kpiTopics],
      onRecord: inOrder({
        events: createLedger({
          pool,
          catalogue,
          publisher,
          group,
          keepDays,
          graceSeconds: config.KPI_GRACE_SECONDS,
          metrics: createLedgerMetrics(metrics),
          logger,
          signal: stopping.signal,
        }),
        heartbeats: createHeartbeats({
          pool,
          refuse: async (record, { code, message }) => {
            await publishDeadLetter(publisher, record, group, { code, message });
          },
        }),
      }),
      maxInFlight: inHand,
      gather,
      commitEveryMs,
      drainMs: config.DRAIN_SECONDS * 1_000,
      logger,
    }),
    opened => opened.stop(),
  );
  observeConsumption(metrics, consumption);

  const measurements = startMeasurements({
    measures: [computeTime('ledger', config.SERVICE_INSTANCE)],
    catalogue,
    publisher: tracked,
    deployment: config.DEPLOYMENT_VERSION,
    logger,
  });
  resources.use(measurements, started => started.stop());

  return {
    troubles: async () => [
      ...(consumption.joined ? [] : ['not in the consumer group']),
      ...(await serverTroubles({ pool })),
    ],
  };
}
