import { join } from 'node:path';

/** Where the build puts the bundled workflows. */
export const workflowBundlePath = join(__dirname, '..', 'workflowBundle.js');
