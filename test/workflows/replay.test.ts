import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils';
import { Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { isOutcome, orderStatuses } from '../../src/domain/orderStatus';
import { createKpiCapture } from '../../src/interceptors/worker/kpiCapture';
import type { OutgoingRecord } from '../../src/kafka/record';
import { readKpiCatalogue } from '../../src/kpiCatalogue';
import { packageVersion } from '../../src/packageVersion';
import * as orderInterface from '../../src/workflows/orderInterface';
import * as shipmentInterface from '../../src/workflows/shipmentInterface';
import { MemoryPublisher } from '../support/memoryPublisher';
import { bundleQuietly, quietRuntime } from '../support/temporalSdk';
import { type RecordedHistory, recordedIn } from './recorded';
import { openShop } from './shop';

quietRuntime();

/** Histories of orders that ran in a released version: `<version>-<outcome>.json`. */
const folder = join(__dirname, '..', 'histories');
const files = readdirSync(folder).filter(name => name.endsWith('.json'));
const read = (file: string) => readFileSync(join(folder, file), 'utf8');

let workflowBundle: WorkflowBundleWithSourceMap;
beforeAll(async () => {
  workflowBundle = await bundleQuietly(require.resolve('../../src/workflows'));
});

async function replay(json: string): Promise<OutgoingRecord[]> {
  const publisher = new MemoryPublisher();
  const capture = createKpiCapture({
    catalogue: readKpiCatalogue(),
    publisher,
    queueLimit: 100,
    lingerMs: 0,
    deployment: 'replay',
    logger: { warn: () => undefined },
  });
  const { sinks } = capture;
  await Worker.runReplayHistory({ workflowBundle, sinks }, historyFromJSON(JSON.parse(json)));
  await capture.stop(60_000);
  return publisher.records;
}

/** What can happen to an order and a parcel, in the words of `recordedIn`. */
function everything(): string[] {
  const told = [...Object.values(orderInterface), ...Object.values(shipmentInterface)]
    .filter(({ type }) => type !== 'query')
    .map(({ type, name }) => `${type} ${name}`);
  const called = Object.keys(openShop().activities).map(name => `activity ${name}`);
  const ended = [
    ...orderStatuses.filter(isOutcome).map(outcome => `order ${outcome}`),
    ...['shipped', 'failed'].map(outcome => `shipment ${outcome}`),
  ];
  return [...new Set([...ended, ...called, ...told, ...patches()])];
}

const sources = join(__dirname, '..', '..', 'src', 'workflows');

/** The patches that the workflows ask for. */
function patches(): string[] {
  const code = readdirSync(sources).map(file => readFileSync(join(sources, file), 'utf8'));
  const found = code.join('\n').matchAll(/\bpatched\('([^']+)'\)/g);
  return [...found].map(([, id]) => `patch ${id}`);
}

describe('The version of today', () => {
  it('is recorded in all that its orders and parcels end with, call, are told, and do by a patch', () => {
    const recorded = new Set(
      files
        .filter(file => file.startsWith(`${packageVersion()}-`))
        .flatMap(file => recordedIn(JSON.parse(read(file)) as RecordedHistory)),
    );
    expect(everything().filter(what => !recorded.has(what))).toEqual([]);
  });
});

describe('Orders of released versions', () => {
  it.each(files)('%s goes on under the code of today, and publishes nothing again', async file => {
    await expect(replay(read(file))).resolves.toEqual([]);
  });

  it.each(files)('%s would be told from an order that took other steps', async file => {
    const other = read(file)
      .replaceAll('"releaseStock"', '"reserveStock"')
      .replace('"announce"', '"releaseStock"');
    await expect(replay(other)).rejects.toMatchObject({ name: 'DeterminismViolationError' });
  });
});
