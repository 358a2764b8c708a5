import { join } from 'node:path';

/** Where the build puts the bundled workflows of the order workers, and those of the watchers. */
export const workflowBundlePath = join(__dirname, '..', 'workflowBundle.js');
export const watcherBundlePath = join(__dirname, '..', 'watcherBundle.js');
