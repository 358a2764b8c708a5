import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { take } from '../../src/intake/take';
import { endOf, readTopics } from '../../src/kafka/reader';
import type { IncomingRecord } from '../../src/kafka/record';
import { orderReceived } from '../../src/messages/orderReceived';
import { createEmptyDatabase, type TestDatabase } from '../support/database';
import { testKafka, unique } from '../support/kafka';
import { testServers } from '../support/servers';
import { testFolder } from '../support/testFolder';
import { waitFor } from '../support/waitFor';
import { jsonLines, runMain } from './runMain';

interface Answer {
  readonly orderId: string;
  readonly partition: number;
  readonly offset: string;
  readonly workflow: string;
}

let database: TestDatabase;
let env: Record<string, string>;

beforeAll(async () => {
  database = await createEmptyDatabase();
  env = {
    DATABASE_URL: database.url,
    KAFKA_BROKERS: testServers().kafkaBrokers.join(','),
    TEMPORAL_UI_URL: 'http://ui.test',
  };
  await runMain(['topics', 'create'], env);
});
afterAll(() => database?.drop());

const orderly = (...args: string[]) => runMain(args, env);

/** Runs `send` and answers with the records of these orders that it wrote, as the broker has them. */
async function written(send: () => Promise<readonly string[]>): Promise<IncomingRecord[]> {
  let orderIds: readonly string[] = [];
  const records = await writtenWhile(async () => {
    orderIds = await send();
  });
  return records.filter(({ key }) => orderIds.includes(String(key)));
}

/** Runs `send` and answers with all that was written meanwhile, by whomever. */
async function writtenWhile(send: () => Promise<void>): Promise<IncomingRecord[]> {
  const kafka = testKafka();
  const from = await endOf(kafka, [orderReceived.topic]);
  await send();
  const records: IncomingRecord[] = [];
  const reading = await readTopics(kafka, from, record => records.push(record));
  const end = await endOf(kafka, [orderReceived.topic]);
  await waitFor(() => reading.hasReached(end));
  await reading.stop();
  return records;
}

const orderIn = ({ value }: IncomingRecord) =>
  orderReceived.schema.parse(JSON.parse(String(value)));

function orderFile(order: unknown): string {
  const path = join(testFolder(), 'order.json');
  writeFileSync(path, JSON.stringify(order));
  return path;
}

describe('orderly topics create', () => {
  it('names the topics that exist now, however often it is run', async () => {
    const { exitCode, stdout } = await orderly('topics', 'create', '--json');
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toEqual(
      expect.arrayContaining(['OrderReceived', 'DeadLetterQueue', 'InventoryErrors']),
    );
  });
});

describe('orderly submit', () => {
  it('writes an order that the intake takes, and says where it is and where to look', async () => {
    const order = { ...orderReceived.example, orderId: unique('submit') };
    let answer: Answer | undefined;
    const records = await written(async () => {
      const { exitCode, stdout } = await orderly('submit', '--file', orderFile(order), '--json');
      expect(exitCode).toBe(0);
      answer = JSON.parse(stdout) as Answer;
      return [answer.orderId];
    });
    expect(records).toHaveLength(1);
    const [record] = records;
    expect(answer).toEqual({
      orderId: order.orderId,
      topic: 'OrderReceived',
      partition: record!.partition,
      offset: record!.offset,
      workflow: `http://ui.test/namespaces/default/workflows/order-${order.orderId}`,
    });
    expect(take(record!, 262_144)).toMatchObject({ order: { order } });
    expect(String(record!.headers.ce_source)).toBe('urn:orderly:cli');
    expect(String(record!.headers.ce_type)).toBe('OrderReceived');
  });

  it('makes each run a submission of its own', async () => {
    const order = { ...orderReceived.example, orderId: unique('submit') };
    const path = orderFile(order);
    const records = await written(async () => {
      await orderly('submit', '--file', path);
      await orderly('submit', '--file', path);
      return [order.orderId];
    });
    const ids = records.map(({ headers }) => String(headers.ce_id));
    expect(new Set(ids).size).toBe(2);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  });

  it('sends nothing of an order that is not valid', async () => {
    const order = { ...orderReceived.example, orderId: unique('submit'), currency: 'XYZ' };
    const records = await written(async () => {
      const { exitCode, stdout, stderr } = await orderly('submit', '--file', orderFile(order));
      expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
      expect(stderr).toMatch(
        /^The message does not have the shape of OrderReceived: currency: [^\n]+\n$/,
      );
      return [order.orderId];
    });
    expect(records).toEqual([]);
  });

  it('makes up valid orders of what is in stock', async () => {
    await orderly('stock', 'set', 'ONLY-1', '9', '--price', '5.00', '--currency', 'EUR');
    const records = await written(async () => {
      const { stdout } = await orderly('submit', '--random', '5', '--json');
      return (jsonLines(stdout) as Answer[]).map(({ orderId }) => orderId);
    });
    expect(records).toHaveLength(5);
    for (const record of records) {
      const { products, allowBackOrder } = orderIn(record);
      expect(new Set(products.map(({ productCode }) => productCode))).toEqual(new Set(['ONLY-1']));
      expect(allowBackOrder).toBeUndefined();
    }
  });

  it('makes up orders that may wait for stock, where asked to', async () => {
    await orderly('stock', 'set', 'ONLY-1', '9', '--price', '5.00', '--currency', 'EUR');
    const records = await written(async () => {
      const { stdout } = await orderly('submit', '--random', '2', '--allow-back-order', '--json');
      return (jsonLines(stdout) as Answer[]).map(({ orderId }) => orderId);
    });
    expect(records.map(record => orderIn(record).allowBackOrder)).toEqual([true, true]);
  });
});

describe('orderly submit without a reader', () => {
  const program = join(__dirname, '../../dist/cli/main.js');

  // A publisher sends 500 at a time, so that the first answers come while others still wait to be sent.
  it('sends every order, and is no failure', async () => {
    const productCode = unique('UNREAD');
    const own = await createEmptyDatabase();
    const ownEnv = { ...env, DATABASE_URL: own.url };
    await runMain(
      ['stock', 'set', productCode, '9', '--price', '5.00', '--currency', 'EUR'],
      ownEnv,
    );
    const submit = `"${process.execPath}" "${program}" submit --random 2000`;
    const records = await writtenWhile(async () => {
      const { stdout, stderr } = await promisify(execFile)(
        'bash',
        ['-c', `${submit} | head -1; echo "\${PIPESTATUS[0]}"`],
        { env: { ...process.env, ...ownEnv } },
      );
      expect(stderr).toBe('');
      expect(stdout).toMatch(/^[^\n]+ sent, partition \d+, [^\n]+\n0\n$/);
    });
    await own.drop();
    const ours = records.filter(({ value }) => String(value).includes(productCode));
    expect(ours.length).toBe(2_000);
  });
});

describe('orderly load', () => {
  it('sends as many as asked for', async () => {
    await orderly('stock', 'set', 'ONLY-1', '9', '--price', '5.00', '--currency', 'EUR');
    const { exitCode, stdout } = await orderly(
      'load',
      '--orders',
      '40',
      '--rate',
      '1000',
      '--json',
    );
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ sent: 40 });
  });

  it('says what to do when there is nothing to order', async () => {
    const empty = await createEmptyDatabase();
    const { exitCode, stderr } = await runMain(['load'], { ...env, DATABASE_URL: empty.url });
    await empty.drop();
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^There are no products to order\. Create one with: orderly stock set/);
  });
});
