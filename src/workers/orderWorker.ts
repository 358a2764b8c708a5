import { Worker } from '@temporalio/worker';
import { createAnnouncementActivities } from '../activities/announcements';
import { createInventoryActivities } from '../activities/inventory';
import { createPaymentActivities } from '../activities/payments';
import { createShippingActivities } from '../activities/shipping';
import type { Config } from '../config';
import { createKpiCapture } from '../interceptors/worker/kpiCapture';
import { activityLogAttributes } from '../interceptors/worker/logAttributes';
import { createKafka } from '../kafka/client';
import { createPublisher } from '../kafka/publisher';
import { TrackedPublisher } from '../kafka/trackedPublisher';
import { Catalogue } from '../kpi/catalogue';
import { versionsCapturedBy } from '../kpi/producers';
import { readKpiCatalogue } from '../kpiCatalogue';
import { kpiTopic } from '../messages/kpiEvent';
import { createPool } from '../postgres/pool';
import { createReservations } from '../postgres/reservations';
import { type Carrier, createCarrier } from '../providers/carrier';
import { connectPartner } from '../providers/partner';
import { createPaymentGateway } from '../providers/paymentGateway';
import type { Telemetry } from '../telemetry';
import { connectNative } from '../temporal';
import { deploymentOptions } from './deployment';
import { startHeartbeats } from './heartbeats';
import { observeKpiCapture } from './kpiCaptureMetrics';
import { computeTime, startMeasurements } from './measurements';
import { serverTroubles } from './probes';
import type { Resources } from './resources';
import type { Running } from './role';
import { setUp } from './setUp';
import { workflowBundlePath } from './workflowBundle';

/** KPI events are in no hurry: they travel in larger batches than what orders wait for, and are read within a second. */
export const kpiLingerMs = 750;

/** The role `order-worker`: runs the orders' workflows and their activities, and captures their KPIs. */
export async function orderWorkerRole(
  config: Config,
  { logger, metrics }: Telemetry,
  resources: Resources,
  overdue: AbortSignal,
): Promise<Running> {
  const catalogue = readKpiCatalogue();
  const kafka = createKafka(config, 'orderly-order-worker', logger);
  const pool = resources.use(createPool(config, logger), opened => opened.end());
  const temporal = resources.use(await connectNative(config), opened => opened.close());
  await setUp({ kafka, pool, temporal }, catalogue, config, logger);

  const drainMs = config.DRAIN_SECONDS * 1_000;
  const kpiTopics = new Set(catalogue.namesWithEvents.map(kpiTopic));
  const kpiPublisher = resources.use(
    await createPublisher(kafka, {
      ...{ logger, overdue, maxQueued: config.KPI_QUEUE_LIMIT },
      byTurn: kpiTopics,
    }),
    opened => opened.stop(),
  );
  const tracked = new TrackedPublisher(kpiPublisher, kpiTopics);
  const capture = createKpiCapture({
    catalogue: config.KPI_CAPTURE ? catalogue : new Catalogue(),
    publisher: tracked,
    queueLimit: config.KPI_QUEUE_LIMIT,
    lingerMs: kpiLingerMs,
    deployment: config.DEPLOYMENT_VERSION,
    logger,
  });
  if (config.KPI_CAPTURE) {
    const heartbeats = startHeartbeats({
      producer: 'order-worker',
      instance: config.SERVICE_INSTANCE,
      kpis: versionsCapturedBy('order-worker', catalogue.definitions),
      publisher: kpiPublisher,
      progress: now => {
        const { settledAt, acknowledged } = tracked.progress(now);
        return { settledAt: Math.min(settledAt, capture.oldest ?? now), acknowledged };
      },
      dropped: () => capture.counts.dropped + capture.counts.failed,
      logger,
    });
    // Says goodbye once the capture, which closes first, has nothing under way any more.
    resources.use(heartbeats, started => started.stop());
    const measurements = startMeasurements({
      measures: [computeTime('order-worker', config.SERVICE_INSTANCE)],
      catalogue,
      publisher: tracked,
      deployment: config.DEPLOYMENT_VERSION,
      logger,
    });
    resources.use(measurements, started => started.stop());
  }
  resources.use(capture, started => started.stop(drainMs));
  const publisher = resources.use(await createPublisher(kafka, { logger, overdue }), opened =>
    opened.stop(),
  );
  observeKpiCapture(metrics, capture);

  const reservations = createReservations(pool, { ttlHours: config.RESERVATION_TTL_HOURS });
  const gateway = resources.use(
    createPaymentGateway({
      providers: config.PAYMENT_PROVIDERS,
      timeoutMs: config.PAYMENT_TIMEOUT_MS,
    }),
    async opened => opened.stop(),
  );
  const worker = await Worker.create({
    connection: temporal,
    namespace: config.TEMPORAL_NAMESPACE,
    taskQueue: config.TEMPORAL_TASK_QUEUE,
    identity: config.SERVICE_INSTANCE,
    workflowBundle: { codePath: workflowBundlePath },
    ...deploymentOptions(config),
    activities: {
      ...createInventoryActivities({ reservations }),
      ...createAnnouncementActivities({ publisher }),
      ...createPaymentActivities({ gateway }),
      ...createShippingActivities({ carrier: connectCarrier(config, resources) }),
    },
    interceptors: { activity: [activityLogAttributes, capture.activityInterceptors] },
    sinks: capture.sinks,
    maxConcurrentWorkflowTaskExecutions: config.WORKFLOW_TASK_SLOTS,
    maxConcurrentActivityTaskExecutions: config.ACTIVITY_TASK_SLOTS,
    shutdownGraceTime: drainMs,
  });
  const run = resources.use(worker.run(), finished => {
    if (worker.getState() === 'RUNNING') worker.shutdown();
    return finished;
  });

  return {
    failed: run.then(() => new Promise<never>(() => undefined)),
    troubles: async () => [
      ...(worker.getState() === 'RUNNING' ? [] : [`worker ${worker.getState()}`]),
      ...(await serverTroubles({ pool, temporal })),
    ],
  };
}

function connectCarrier(config: Config, resources: Resources): Carrier | undefined {
  const { CARRIER_URL: url, CARRIER_TIMEOUT_MS: timeoutMs } = config;
  if (url === undefined) return undefined;
  const name = 'carrier';
  const { call } = resources.use(connectPartner({ name, url }), async opened => opened.stop());
  return createCarrier({ name, call, timeoutMs });
}
