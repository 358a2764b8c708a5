/**
 * A process of its own: a Temporal worker and a client with nothing of ours in between. Its parent sends
 * it loads, one at a time, and hears when all workflows of a load are about to close.
 */
import { randomUUID } from 'node:crypto';
import { Client } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { markHeapLessOften } from '../../src/workers/heap';
import * as activities from './activities';
import type { bare, bareLife } from './workflows';

/** So many workflows of a type, either with a number of them in flight or at a rate per second. */
export type BareLoad = {
  readonly type: BareType;
  readonly count: number;
} & ({ readonly inFlight: number } | { readonly perSecond: number });

export type BareType = 'bare' | 'bareLife';

/** What the parent chooses, as JSON in the only argument: the same as for the order worker. */
export interface BareOptions {
  readonly address: string;
  readonly namespace: string;
  readonly taskQueue: string;
  readonly workflowTaskSlots: number;
  readonly activityTaskSlots: number;
}

async function main(options: BareOptions): Promise<void> {
  const { address, namespace, taskQueue } = options;
  markHeapLessOften();
  Runtime.install({ logger: new DefaultLogger('WARN') });
  const connection = await NativeConnection.connect({ address });
  const client = new Client({ connection, namespace });
  const worker = await Worker.create({
    ...{ connection, namespace, taskQueue, activities },
    workflowsPath: require.resolve('./workflows'),
    maxConcurrentWorkflowTaskExecutions: options.workflowTaskSlots,
    maxConcurrentActivityTaskExecutions: options.activityTaskSlots,
  });
  const start = (type: BareType) =>
    client.workflow.start<typeof bare | typeof bareLife>(type, {
      taskQueue,
      workflowId: randomUUID(),
    });
  activities.onAnswered(workflowId => {
    void client.workflow.getHandle(workflowId).signal('goOn');
  });
  process.on('message', (load: BareLoad) => {
    void run(load, start).then(() => process.send?.('done'));
  });
  process.send?.('ready');
  await worker.run();
  await connection.close();
  if (process.connected) process.disconnect();
}

async function run(load: BareLoad, start: (type: BareType) => Promise<unknown>): Promise<void> {
  const begin = performance.now();
  let started = 0;
  let closing = 0;
  await new Promise<void>((resolve, reject) => {
    const startNext = () => {
      if (started++ < load.count) start(load.type).catch(reject);
    };
    activities.onSecond(() => {
      if (++closing === load.count) resolve();
      else if ('inFlight' in load) startNext();
    });
    if ('inFlight' in load) {
      for (let i = 0; i < load.inFlight; i++) startNext();
      return;
    }
    const timer = setInterval(() => {
      const due = ((performance.now() - begin) / 1_000) * load.perSecond;
      while (started < Math.min(due, load.count)) startNext();
      if (started >= load.count) clearInterval(timer);
    }, 1);
  });
}

void main(JSON.parse(process.argv[2]!) as BareOptions);
