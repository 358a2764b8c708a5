import { Worker } from '@temporalio/worker';
import { createAnnouncementActivities } from '../activities/announcements';
import { createReconciliationActivities } from '../activities/reconciliation';
import { createSweepActivities, type SweepResult } from '../activities/sweep';
import type { Config } from '../config';
import { operatorNotice } from '../domain/operatorNotice';
import { createKafka } from '../kafka/client';
import { createPublisher } from '../kafka/publisher';
import { readKpiCatalogue } from '../kpiCatalogue';
import { kpiTopic } from '../messages/kpiEvent';
import { orderReceived } from '../messages/orderReceived';
import { readParcels } from '../postgres/parcels';
import { createPool } from '../postgres/pool';
import { createReservations } from '../postgres/reservations';
import { createPaymentGateway } from '../providers/paymentGateway';
import type { Logger, Telemetry } from '../telemetry';
import { connectNative, createClient } from '../temporal';
import { dataFreshness, intakeLag, kpiCoverage } from '../watcher/measures';
import { createOrderFates } from '../watcher/orderFate';
import { createPassOptions, reconcileNext } from '../watcher/passes';
import { retentionOf } from '../watcher/retention';
import { ensureSchedules } from '../watcher/schedules';
import { type SweepOptions, type SweepReport, sweep } from '../watcher/sweep';
import { findingLog } from './findingLog';
import { computeTime, startMeasurements } from './measurements';
import { serverTroubles } from './probes';
import type { Resources } from './resources';
import type { Running } from './role';
import { setUp } from './setUp';
import { vouchedPublisher } from './vouchedPublisher';
import { watcherBundlePath } from './workflowBundle';

/** One pass of each depth at a time, whatever the number of watchers. */
const slots = 4;

/** The role `watcher`: holds the ledger against Temporal's own record, on a task queue of its own. */
export async function watcherRole(
  config: Config,
  { logger }: Telemetry,
  resources: Resources,
  overdue: AbortSignal,
): Promise<Running> {
  const catalogue = readKpiCatalogue();
  const kafka = createKafka(config, 'orderly-watcher', logger);
  const pool = resources.use(createPool(config, logger), opened => opened.end());
  const temporal = resources.use(await connectNative(config), opened => opened.close());
  await setUp({ kafka, pool, temporal }, catalogue, config, logger);

  const publisher = resources.use(await createPublisher(kafka, { logger, overdue }), opened =>
    opened.stop(),
  );
  const kpiTopics = catalogue.namesWithEvents.map(kpiTopic);
  const tracked = vouchedPublisher(resources, {
    producer: 'watcher',
    instance: config.SERVICE_INSTANCE,
    catalogue,
    publisher,
    logger,
  });

  const measurements = startMeasurements({
    measures: [
      () => intakeLag(kafka, config.KAFKA_INTAKE_GROUP, orderReceived.topic),
      () => dataFreshness(kafka, pool, kpiTopics),
      async () => kpiCoverage(catalogue, Date.now()),
      computeTime('watcher', config.SERVICE_INSTANCE),
    ],
    catalogue,
    publisher: tracked,
    deployment: config.DEPLOYMENT_VERSION,
    logger,
  });
  resources.use(measurements, started => started.stop());

  const client = createClient(temporal, config);
  const passes = createPassOptions(config, { client, kafka, pool, catalogue, publisher: tracked });
  const gateway = resources.use(
    createPaymentGateway({
      providers: config.PAYMENT_PROVIDERS,
      timeoutMs: config.PAYMENT_TIMEOUT_MS,
    }),
    async opened => opened.stop(),
  );
  const { announce } = createAnnouncementActivities({ publisher });
  const sweepOptions: SweepOptions = {
    pool,
    fates: createOrderFates({
      client,
      taskQueue: config.TEMPORAL_TASK_QUEUE,
      pace: passes.pace,
      parcelsOf: orderId => readParcels(pool, orderId),
    }),
    release: createReservations(pool, { ttlHours: config.RESERVATION_TTL_HOURS }).release,
    held: gateway.held,
    tell: notice => announce({ messages: [operatorNotice(notice)] }),
    ttlHours: config.RESERVATION_TTL_HOURS,
    retentionMs: () => retentionOf(client, config.TEMPORAL_NAMESPACE),
  };
  const worker = await Worker.create({
    connection: temporal,
    namespace: config.TEMPORAL_NAMESPACE,
    taskQueue: config.WATCHER_TASK_QUEUE,
    identity: config.SERVICE_INSTANCE,
    workflowBundle: { codePath: watcherBundlePath },
    activities: {
      ...createSweepActivities({
        sweep: async onProgress => logged(await sweep(sweepOptions, onProgress), logger),
      }),
      ...createReconciliationActivities({
        async step(depth, onProgress) {
          const onFinding = findingLog(logger, depth);
          const step = await reconcileNext(passes, depth, { onProgress, onFinding });
          if (step.unexplained > 0) logger.warn({ depth, ...step }, 'figures are unexplained');
          else if (step.repaired > 0) logger.info({ depth, ...step }, 'figures were repaired');
          return step;
        },
      }),
    },
    maxConcurrentWorkflowTaskExecutions: slots,
    maxConcurrentActivityTaskExecutions: slots,
    shutdownGraceTime: config.DRAIN_SECONDS * 1_000,
  });
  const run = resources.use(worker.run(), finished => {
    if (worker.getState() === 'RUNNING') worker.shutdown();
    return finished;
  });
  await ensureSchedules(client, config.WATCHER_TASK_QUEUE);

  return {
    failed: run.then(() => new Promise<never>(() => undefined)),
    troubles: async () => [
      ...(worker.getState() === 'RUNNING' ? [] : [`worker ${worker.getState()}`]),
      ...(await serverTroubles({ pool, temporal })),
    ],
  };
}

/** Nothing of a usual pass is worth a line. */
function logged(
  { released, extended, moneyHeld, forgotten, silent }: SweepReport,
  logger: Logger,
): SweepResult {
  if (released.length > 0)
    logger.warn({ orders: released }, 'stock of orders that are gone is given back');
  if (moneyHeld.length > 0)
    logger.error({ orders: moneyHeld }, 'money is held for orders that are over');
  if (silent.length > 0)
    logger.warn({ providers: silent }, 'payment providers do not say what they hold');
  if (forgotten.length > 0) {
    logger.error({ orders: forgotten }, 'stock is held for orders that Temporal knows nothing of');
  }
  return {
    released: released.length,
    extended,
    moneyHeld: moneyHeld.length,
    forgotten: forgotten.length,
    silent: silent.length,
  };
}
