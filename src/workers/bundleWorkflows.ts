/**
 * Part of the build: bundles the workflows once, so that an order worker starts without a bundler in
 * its memory. Run by itself: `node dist/workers/bundleWorkflows.js`.
 */
import { writeFileSync } from 'node:fs';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { kpiWorkflowInterceptors } from '../interceptors/worker/kpiCapture';
import { workflowBundlePath } from './workflowBundle';

async function bundleWorkflows(): Promise<void> {
  const { code } = await bundleWorkflowCode({
    workflowsPath: require.resolve('../workflows'),
    workflowInterceptorModules: [kpiWorkflowInterceptors],
    logger: new DefaultLogger('WARN'),
  });
  writeFileSync(workflowBundlePath, code);
}

void bundleWorkflows();
