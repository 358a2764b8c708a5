import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils';
import { Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { createKpiCapture } from '../../src/interceptors/worker/kpiCapture';
import type { OutgoingRecord } from '../../src/kafka/record';
import { readKpiCatalogue } from '../../src/kpiCatalogue';
import { bundleQuietly, quietRuntime } from '../support/temporalSdk';

quietRuntime();

/** Histories of orders that ran in a released version: `<version>-<outcome>.json`. */
const folder = join(__dirname, '..', 'histories');
const files = readdirSync(folder).filter(name => name.endsWith('.json'));

let workflowBundle: WorkflowBundleWithSourceMap;
beforeAll(async () => {
  workflowBundle = await bundleQuietly(require.resolve('../../src/workflows'));
});

async function replay(json: string): Promise<OutgoingRecord[]> {
  const published: OutgoingRecord[] = [];
  const { sinks } = createKpiCapture({
    catalogue: readKpiCatalogue(),
    publisher: { publish: async record => published.push(record) },
    queueLimit: 100,
    deployment: 'replay',
    logger: { warn: () => undefined },
  });
  await Worker.runReplayHistory({ workflowBundle, sinks }, historyFromJSON(JSON.parse(json)));
  return published;
}

describe('Orders of released versions', () => {
  it.each(['confirmed', 'rejected', 'cancelled', 'retried', 'completed', 'failed', 'given-up'])(
    'are recorded for the outcome %s',
    outcome => {
      expect(files.filter(file => file.endsWith(`-${outcome}.json`))).not.toEqual([]);
    },
  );

  it.each(files)('%s goes on under the code of today, and publishes nothing again', async file => {
    await expect(replay(readFileSync(join(folder, file), 'utf8'))).resolves.toEqual([]);
  });

  it.each(files)('%s would be told from an order that took other steps', async file => {
    const other = readFileSync(join(folder, file), 'utf8')
      .replaceAll('"releaseStock"', '"reserveStock"')
      .replace('"announce"', '"releaseStock"');
    await expect(replay(other)).rejects.toMatchObject({ name: 'DeterminismViolationError' });
  });
});
