/**
 * Keeps Temporal from drowning: while the order workers are behind, orders wait in Kafka, where waiting
 * costs nothing. Past a few open orders per core Temporal only gets slower by having more.
 *
 * The backlog is what waits on the task queue for a worker. Each reading grants as many starts as fit
 * below the limit; when they are used up, the next ones wait for a new reading.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { NativeConnection } from '@temporalio/worker';
import { messageOf } from '../errors';
import type { Logger } from '../telemetry';

/** Resolves when one more order may start. */
export type Gate = () => Promise<void>;

export interface BacklogGateOptions {
  /** Tasks that wait for a worker now. */
  readonly readBacklog: () => Promise<number>;
  /** Orders are held back while so many tasks wait. */
  readonly limit: number;
  readonly logger: Logger;
}

/** The backlog moves no faster than workers poll; asking more often would be load and no news. */
const pauseMs = 100;

export function createBacklogGate({ readBacklog, limit, logger }: BacklogGateOptions): Gate {
  let granted = 0;
  let reading: Promise<void> | undefined;

  const read = async (): Promise<void> => {
    try {
      granted = limit - (await readBacklog());
    } catch (thrown) {
      // A server that does not answer can't start orders either, and says so there.
      logger.debug({ reason: messageOf(thrown) }, 'the backlog can not be read');
      granted = limit;
    }
    if (granted <= 0) await sleep(pauseMs);
  };

  return async () => {
    while (granted <= 0) {
      reading ??= read().finally(() => {
        reading = undefined;
      });
      await reading;
    }
    granted--;
  };
}

/** Workflow tasks of a task queue that wait for a worker, as Temporal estimates them. */
export async function workflowBacklog(
  connection: NativeConnection,
  namespace: string,
  taskQueue: string,
): Promise<number> {
  const { stats } = await connection.workflowService.describeTaskQueue({
    namespace,
    taskQueue: { name: taskQueue },
    taskQueueType: workflowTasks,
    reportStats: true,
  });
  return Number(stats?.approximateBacklogCount ?? 0);
}

/** `temporal.api.enums.v1.TaskQueueType`. */
const workflowTasks = 1;
