/** A worker that captures KPIs, its activities, and a publisher double that keeps what it gets. */
import { CompleteAsyncError, Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import {
  type NativeConnection,
  Worker,
  type WorkerOptions,
  type WorkflowBundleWithSourceMap,
} from '@temporalio/worker';
import type { Announcement } from '../../src/domain/announcement';
import { createKpiCapture, type KpiCapture } from '../../src/interceptors/worker/kpiCapture';
import type { Publisher } from '../../src/kafka/publisher';
import type { Catalogue } from '../../src/kpi/catalogue';
import type { KpiEvent } from '../../src/messages/kpiEvent';
import type { MemoryPublisher } from '../support/memoryPublisher';
import { bundleQuietly, quietRuntime } from '../support/temporalSdk';
import { waitFor } from '../support/waitFor';

quietRuntime();

/** A failure of Postgres, as its client throws it. */
class Deadlock extends Error {
  readonly code = '40P01';
}

export const testActivities = {
  /** Fails as a database does at first and with a type of its own from then on, so many times in all. */
  async fail(times: number): Promise<void> {
    const { attempt } = Context.current().info;
    if (attempt > times) return;
    if (attempt === 1) throw new Deadlock('deadlock detected');
    throw ApplicationFailure.retryable('again', 'StillLocked');
  },
  /** Never answers at the first attempt, as if its worker were dead. */
  async hang(): Promise<void> {
    if (Context.current().info.attempt === 1) await Context.current().cancelled;
  },
  /** Answers only its cancellation. */
  async hold(): Promise<void> {
    holding.add(Context.current().info.workflowExecution!.workflowId);
    const beat = setInterval(() => Context.current().heartbeat(), 50);
    try {
      await Context.current().cancelled;
    } finally {
      clearInterval(beat);
    }
  },
  async announce(_: Announcement): Promise<void> {
    if (Context.current().info.attempt === 1) throw new Error('Kafka is away');
  },
  async later(): Promise<void> {
    const { info } = Context.current();
    asynchronous.set(info.workflowExecution!.workflowId, info.taskToken);
    throw new CompleteAsyncError();
  },
};
export type TestActivities = typeof testActivities;

/** Workflow ids of the activities that hold. */
export const holding = new Set<string>();

/** Task tokens of activities that completes whoever has them, by workflow id. */
export const asynchronous = new Map<string, Uint8Array>();

export const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

export const announcement: Announcement = {
  milestone: {
    name: 'OrderConfirmed',
    receivedAt: '2026-01-01T00:00:00Z',
    facts: {
      outcome: 'confirmed',
      currency: 'EUR',
      channel: 'web',
      region: 'US-CA',
      unknownProducts: 0,
      synthetic: true,
    },
  },
  messages: [],
  traceparent,
};

let bundle: Promise<WorkflowBundleWithSourceMap> | undefined;
export function workflowBundle(): Promise<WorkflowBundleWithSourceMap> {
  bundle ??= bundleQuietly(require.resolve('./workflows'));
  return bundle;
}

export const captureInto = (
  catalogue: Catalogue,
  publisher: Pick<Publisher, 'offer'>,
  queueLimit = 1000,
): KpiCapture =>
  createKpiCapture({
    catalogue,
    publisher,
    queueLimit,
    lingerMs: 0,
    deployment: '1.2.3',
    logger: { warn: () => undefined },
  });

/** Until all that was captured is with the publisher. */
export const settled = (capture: Pick<KpiCapture, 'counts'>): Promise<unknown> =>
  waitFor(() => capture.counts.pending === 0, 'what was captured to be published');

export async function startWorker(
  connection: NativeConnection,
  taskQueue: string,
  { sinks, activityInterceptors }: KpiCapture,
  options: Partial<WorkerOptions> = {},
): Promise<Worker> {
  return Worker.create({
    connection,
    taskQueue,
    workflowBundle: await workflowBundle(),
    activities: testActivities,
    sinks,
    interceptors: { activity: [activityInterceptors] },
    ...options,
  });
}

/** A KPI event as a consumer reads it. */
export interface Published extends KpiEvent {
  readonly id: string;
  readonly topic: string;
  readonly traceparent: string;
  readonly of: Readonly<Record<string, unknown>>;
}

export const eventsOf = ({ records }: MemoryPublisher): Published[] =>
  records.map(({ topic, value, headers }) => {
    const data = JSON.parse(String(value)) as KpiEvent;
    const of = Object.fromEntries(data.metadata.map(m => [m.name, m.value]));
    const traceparent = String(headers?.traceparent);
    return { ...data, of, topic, id: String(headers?.ce_id), traceparent };
  });
