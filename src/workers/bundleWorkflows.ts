/**
 * Part of the build: bundles the workflows once, so that a worker starts without a bundler in
 * its memory. Run by itself: `node dist/workers/bundleWorkflows.js`.
 */
import { writeFileSync } from 'node:fs';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { kpiWorkflowInterceptors } from '../interceptors/worker/kpiCapture';
import { watcherBundlePath, workflowBundlePath } from './workflowBundle';

/**
 * The SDK takes a stack trace of every promise in the sandbox, for the Stack Trace of the Temporal UI, and
 * looks each frame up in the source map: with the usual ten frames a fifth of the sandbox's CPU. Four are
 * enough to say who threw, and who called. On the first line of the bundle, so that the source map holds; and
 * before any module, because the SDK freezes what modules share.
 */
const fewFrames = 'Error.stackTraceLimit = 4; ';

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
  writeFileSync(to, fewFrames + code);
}

async function bundleWorkflows(): Promise<void> {
  await bundle(require.resolve('../workflows'), workflowBundlePath, [kpiWorkflowInterceptors]);
  await bundle(require.resolve('../workflows/watcher'), watcherBundlePath, []);
}

void bundleWorkflows();
