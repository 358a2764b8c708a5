/**
 * Promise 8: bad input gets a named error that says where the fault is, and the next good order behind it
 * on the same partition is confirmed.
 */
import { orderReceived } from '../../src/messages/orderReceived';
import { codecs, type JavaBatch, produceByJava } from '../support/javaProducer';
import { waitFor } from '../support/waitFor';
import { badInput, eventHeaders } from './support/badInput';
import {
  orderOf,
  originDigest,
  type Sent,
  type Submission,
  send,
  submissionOf,
} from './support/submissions';
import { eventIds, header, type Read, readTopics, untilAllCommitted } from './support/topics';
import { openWorld, type World } from './support/world';

jest.setTimeout(120_000);

const cases = Object.entries(badInput);

let world: World;
const bad = new Map<string, Sent>();
const letters = new Map<string, Read>();

beforeAll(async () => {
  world = await openWorld({ TEA: 1_000_000 });
  await Promise.all([world.start('intake'), world.start('order-worker')]);
});
afterAll(() => world?.close());

/** Every bad record, with a good order behind it on the same partition. */
async function sendEach(): Promise<void> {
  for (const [i, [name, { value, headers, key = 'A-1' }]] of cases.entries()) {
    const behind = submissionOf(orderOf(`behind-${i}`));
    const [sent] = await send(world, [{ key, value, headers }, behind], 0);
    bad.set(name, sent!);
  }
}

it('keeps no good order from being confirmed', () =>
  world.run(async () => {
    await sendEach();
    await untilAllCommitted(world);
    const expected = new Set(cases.map((_, i) => `OrderConfirmed:behind-${i}`));
    await waitFor(async () => (await eventIds(world, 'OrderConfirmed')).size >= expected.size);
    expect(await eventIds(world, 'OrderConfirmed')).toEqual(expected);
    for (const letter of await readTopics(world, ['DeadLetterQueue'])) {
      letters.set(header(letter, 'kafka_dlt-original-offset')!, letter);
    }
    expect(letters.size).toBe(cases.length);
    expect(await world.sql('SELECT FROM refusals')).toHaveLength(cases.length);
  })());

describe('a dead letter', () => {
  it.each(cases)(
    'says of %s what is wrong and where, and holds it untouched',
    (name, { code, says }) => {
      const sent = bad.get(name)!;
      const letter = letters.get(String(sent.offset))!;
      expect(header(letter, 'kafka_dlt-exception-fqcn')).toBe(code);
      const message = header(letter, 'kafka_dlt-exception-message')!;
      expect(message).toContain(says);
      expect(message).not.toMatch(/\n|\bat .*:\d+:\d+|node_modules|\.js\b/);
      expect(header(letter, 'kafka_dlt-original-topic')).toBe(orderReceived.topic);
      expect(header(letter, 'kafka_dlt-original-partition')).toBe('0');
      expect(header(letter, 'kafka_dlt-original-consumer-group')).toBe('orderly-intake');
      expect(header(letter, 'kafka_dlt-original-timestamp')).toMatch(/^\d{13}$/);

      // Compared as bytes: jest takes seconds over a megabyte.
      expect(isSame(letter.value, sent.value)).toBe(true);
      expect(isSame(letter.key, sent.key)).toBe(true);
      for (const [header, value] of Object.entries(sent.headers ?? {})) {
        if (header === '__proto__') continue; // The test's own client can not read it.
        const same = isSame(bytesOf(letter, header), value as Buffer | string);
        expect([header, same]).toEqual([header, true]);
      }
    },
  );

  it('counts once for a submission that was sent twice', () =>
    world.run(async () => {
      const twice = ['{', JSON.stringify({}), ''].map((value, i): Submission => {
        const source = 'urn:test:shop';
        const id = `twice-${i}`;
        const headers = { ...eventHeaders, ce_source: source, ce_id: id };
        return { key: 'A-1', value, headers, event: { source, id } };
      });
      const before = await world.sql('SELECT FROM refusals');
      await send(world, [...twice, ...twice], 0);
      await untilAllCommitted(world);
      const after = await world.sql<{ origin_digest: string }>('SELECT * FROM refusals');
      expect(after).toHaveLength(before.length + twice.length);
      const digests = after.map(row => row.origin_digest);
      for (const submission of twice) expect(digests).toContain(originDigest(submission));
    })());
});

describe('what a producer has compressed', () => {
  it('is taken with every codec, and put aside where it would fill the memory', () =>
    world.run(async () => {
      const orderId = (codec: string) => `packed-${codec}`;
      const before = await world.sql('SELECT FROM refusals');
      const poison: JavaBatch[] = [
        { codec: 'gzip', value: 'more than the dead letter queue takes', bytes: 8 * 1024 * 1024 },
        { codec: 'zstd', value: 'more than is unpacked', bytes: 64 * 1024 * 1024 },
      ];
      const orders = codecs.map(codec => ({
        codec,
        value: JSON.stringify(orderOf(orderId(codec))),
      }));
      await produceByJava(world.brokers, orderReceived.topic, [...poison, ...orders]);
      await untilAllCommitted(world);
      await waitFor(async () => {
        const confirmed = await eventIds(world, 'OrderConfirmed');
        return codecs.every(codec => confirmed.has(`OrderConfirmed:${orderId(codec)}`));
      });
      const after = await world.sql('SELECT FROM refusals');
      expect(after).toHaveLength(before.length + poison.length);
      const read = await readTopics(world, ['DeadLetterQueue']);
      const reasonOf = (letter: Read) => header(letter, 'kafka_dlt-exception-fqcn');
      const cut = read.filter(letter => header(letter, 'orderly_dlt-cut-short') !== undefined);
      expect(cut.map(reasonOf)).toEqual(['MessageTooLarge']);
      expect(header(cut[0]!, 'orderly_dlt-cut-short')).toContain('value 8388608,');
      expect(String(cut[0]!.value)).toMatch(/^more than the dead letter queue takes/);
      const unreadable = read.filter(letter => reasonOf(letter) === 'BatchUnreadable');
      expect(unreadable).toHaveLength(1);
      expect(header(unreadable[0]!, 'kafka_dlt-original-offset')).toMatch(/^\d+$/);
    })());
});

const isSame = (read: Buffer | null | undefined, sent: Buffer | string | null): boolean =>
  sent === null ? read === null : read?.equals(Buffer.from(sent)) === true;

/** The client finds the members of every object in the way: only what is a value counts. */
const bytesOf = ({ headers }: Read, name: string): Buffer | undefined =>
  [headers?.[name]].flat().findLast(value => Buffer.isBuffer(value)) as Buffer | undefined;
