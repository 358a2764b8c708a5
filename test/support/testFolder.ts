import { chmodSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';

/** An empty folder of the test's own. It is removed, and servers recorded in it are stopped, at the end of the run. */
export function testFolder(): string {
  const root = process.env.TEST_FOLDER;
  if (root === undefined) {
    throw new Error('TEST_FOLDER is not set: test/support/globalSetup.ts should have set it');
  }
  const folder = mkdtempSync(join(root, 'own-'));
  // Postgres may have to run as another account, which must be able to enter.
  chmodSync(folder, 0o755);
  return folder;
}
