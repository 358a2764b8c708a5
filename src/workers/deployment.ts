import type { WorkerOptions } from '@temporalio/worker';
import type { Config } from '../config';

/**
 * The version under which this worker takes orders. Each order is pinned to the one that began it; which
 * version new orders begin on is set in Temporal.
 */
export function deploymentOptions({
  WORKER_DEPLOYMENT: deploymentName,
  DEPLOYMENT_VERSION: buildId,
}: Pick<Config, 'WORKER_DEPLOYMENT' | 'DEPLOYMENT_VERSION'>): Pick<
  WorkerOptions,
  'workerDeploymentOptions'
> {
  if (deploymentName === undefined) return {};
  return {
    workerDeploymentOptions: {
      version: { deploymentName, buildId },
      useWorkerVersioning: true,
      defaultVersioningBehavior: 'PINNED',
    },
  };
}
