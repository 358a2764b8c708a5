/**
 * Part of the build: bundles the workflows once, so that a worker starts without a bundler in
 * its memory. Run by itself: `node dist/workers/bundleWorkflows.js`.
 */
import { writeFileSync } from 'node:fs';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { kpiWorkflowInterceptors } from '../interceptors/worker/kpiCapture';
import { watcherBundlePath, workflowBundlePath } from './workflowBundle';

/**
 * All modules of a bundle are loaded once per worker rather than once per workflow, which saves a fifth
 * of the sandbox's CPU. None of them keeps state in a module; the sandbox freezes what they export.
 */
async function bundle(workflowsPath: string, to: string, interceptors: string[]): Promise<void> {
  const { code } = await bundleWorkflowCode({
    workflowsPath,
    workflowInterceptorModules: interceptors,
    preloadModules: ['@temporalio/workflow', workflowsPath, ...interceptors],
    logger: new DefaultLogger('WARN'),
  });
  writeFileSync(to, code);
}

async function bundleWorkflows(): Promise<void> {
  await bundle(require.resolve('../workflows'), workflowBundlePath, [kpiWorkflowInterceptors]);
  await bundle(require.resolve('../workflows/watcher'), watcherBundlePath, []);
}

void bundleWorkflows();
