/**
 * Records histories of the version of today: every way in which an order and a parcel end, and everything
 * that they call and are told. `npm run histories`, with a Temporal that runs; it takes about four minutes.
 * `npm run histories -- <name>...` records some of them only.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { WorkflowHandle } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { readConfig } from '../../src/config';
import { packageVersion } from '../../src/packageVersion';
import { ensureSearchAttributes } from '../../src/searchAttributes';
import { bundleQuietly, quietRuntime } from '../support/temporalSdk';
import { type Scene, scenes } from './scenes';
import { withOrder } from './shop';

async function record(): Promise<void> {
  quietRuntime();
  const { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace } = readConfig();
  const env = await TestWorkflowEnvironment.createFromExistingServer({ address, namespace });
  try {
    await ensureSearchAttributes(env.nativeConnection, namespace);
    const bundle = await bundleQuietly(require.resolve('../../src/workflows'));
    const play = ([name, scene]: [string, Scene]) =>
      withOrder(env, bundle, scene.shop, scene, async handle => {
        await scene.play(handle, scene.shop);
        await handle.result().catch(unlessFailed);
        await save(name, handle);
        for (const [number, parcel] of Object.entries(scene.parcels ?? {})) {
          await save(parcel, handle.shipment(number));
        }
      });
    const named = process.argv.slice(2);
    const wanted = Object.entries(scenes).filter(
      ([name]) => named.length === 0 || named.includes(name),
    );
    await Promise.all(wanted.map(play));
  } finally {
    await env.teardown();
  }
}

/** Without what tells of the machine. Fails where the file exists: what was released never changes. */
async function save(name: string, handle: Pick<WorkflowHandle, 'fetchHistory'>): Promise<void> {
  const history: unknown = JSON.parse(historyToJSON(await handle.fetchHistory()));
  const file = join(__dirname, '..', 'histories', `${packageVersion()}-${name}.json`);
  writeFileSync(file, `${JSON.stringify(history, withoutMachine, 1)}\n`, { flag: 'wx' });
  process.stdout.write(`${file}\n`);
}

function withoutMachine(key: string, value: unknown): unknown {
  if (key === 'identity') return 'order-worker';
  return key === 'stackTrace' ? '' : value;
}

function unlessFailed(failure: unknown): void {
  if (!(failure instanceof Error) || failure.name !== 'WorkflowFailedError') throw failure;
}

void record();
