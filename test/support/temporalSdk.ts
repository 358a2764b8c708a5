import {
  bundleWorkflowCode,
  DefaultLogger,
  makeTelemetryFilterString,
  Runtime,
  type WorkflowBundleWithSourceMap,
} from '@temporalio/worker';
import { kpiWorkflowInterceptors } from '../../src/interceptors/worker/kpiCapture';

/** Keeps what the SDK tells of its own life from burying what a test says. Call it once per file. */
export function quietRuntime(): void {
  Runtime.install({
    logger: new DefaultLogger('ERROR', () => undefined),
    telemetryOptions: {
      logging: { filter: makeTelemetryFilterString({ core: 'ERROR', other: 'ERROR' }) },
    },
  });
}

/** Bundles workflows with their interceptors, as the build does. */
export const bundleQuietly = (workflowsPath: string): Promise<WorkflowBundleWithSourceMap> =>
  bundleWorkflowCode({
    workflowsPath,
    workflowInterceptorModules: [kpiWorkflowInterceptors],
    logger: new DefaultLogger('ERROR'),
  });
