/**
 * A duplicate submitted to `OrderReceived` puts its event on `InventoryErrors`, read back by Kafka's own
 * Java consumer, which shares no code with this project.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { readConfig } from '../../src/config';
import { java } from '../../src/stack/jvm';
import { kafka } from '../../src/stack/kafka';
import { orderOf, refusalEventId, send, submissionOf } from './support/submissions';
import { untilAllCommitted } from './support/topics';
import { openWorld, type World } from './support/world';

jest.setTimeout(120_000);

let world: World;

beforeAll(async () => {
  world = await openWorld({ TEA: 100 });
  await world.start('intake');
});
afterAll(() => world?.close());

it('a duplicate, but no redelivery, is one inventory error', () =>
  world.run(async () => {
    const order = orderOf('once');
    const first = submissionOf(order);
    const duplicate = submissionOf(order);
    await send(world, [first, first, duplicate, submissionOf(orderOf('other'))], 0);
    await untilAllCommitted(world);

    const records = await readByJava('InventoryErrors');
    expect(records).toHaveLength(1);
    const [headers, key, value] = records[0]!.split('\t');
    expect(headers!.split(';')).toContain(`ce_id=${refusalEventId(duplicate)}`);
    expect(headers!.split(';')).toContain('ce_type=KpiEvent');
    expect(key).toBe(refusalEventId(duplicate));
    expect(JSON.parse(value!)).toMatchObject({
      kpi: 'inventory-errors',
      version: 1,
      metric: 'inventory_errors',
      value: 1,
      unit: 'errors',
      metadata: expect.arrayContaining([
        { name: 'error', value: 'DuplicateOrder' },
        { name: 'synthetic', value: false },
      ]),
    });
  })());

/** Every record of a topic as Kafka's own client reads it: headers, key and value between tabs. */
async function readByJava(topic: string): Promise<string[]> {
  const [source] = kafka.sources(readConfig());
  const home = await source!.find(jest.fn());
  const program = join(__dirname, 'support/PrintTopic.java');
  const args = ['-cp', join(home, 'libs', '*'), program, world.brokers.join(','), topic];
  const { stdout } = await promisify(execFile)(java(), args);
  return stdout.split('\n').filter(line => line !== '');
}
