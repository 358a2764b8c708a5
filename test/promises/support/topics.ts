/** Reading what is on the topics, with the bare client. */
import { randomUUID } from 'node:crypto';
import { ConfigResourceTypes, type IHeaders, type KafkaMessage } from 'kafkajs';
import { waitFor } from '../../support/waitFor';
import type { World } from './world';

export type Read = KafkaMessage & { readonly topic: string; readonly partition: number };

/** Everything that the topics hold now, in the order of each partition. */
export async function readTopics(
  { kafka, admin }: Pick<World, 'kafka' | 'admin'>,
  topics: readonly string[],
): Promise<Read[]> {
  const expected = new Map<string, bigint>();
  for (const topic of topics) {
    for (const { partition, low, high } of await admin.fetchTopicOffsets(topic)) {
      if (BigInt(high) > BigInt(low)) expected.set(`${topic}/${partition}`, BigInt(high));
    }
  }
  const messages: Read[] = [];
  const consumer = kafka.consumer({ groupId: `test-${randomUUID()}`, maxWaitTimeInMs: 50 });
  await consumer.connect();
  try {
    await consumer.subscribe({ topics: [...topics], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachMessage: async ({ topic, partition, message }) => {
        const end = expected.get(`${topic}/${partition}`);
        messages.push({ ...message, topic, partition });
        if (end !== undefined && BigInt(message.offset) >= end - 1n) {
          expected.delete(`${topic}/${partition}`);
        }
      },
    });
    await waitFor(() => expected.size === 0, `everything on ${topics.join(', ')}`);
  } finally {
    await consumer.disconnect();
  }
  return messages;
}

/** The value of a header as text; undefined where there is none. */
export function header(message: { readonly headers?: IHeaders }, name: string): string | undefined {
  const value = message.headers?.[name];
  return value === undefined ? undefined : String(value);
}

export const eventId = (message: Read): string => header(message, 'ce_id')!;

/** The ids of the events on a topic, each once. */
export async function eventIds(world: World, topic: string): Promise<Set<string>> {
  return new Set((await readTopics(world, [topic])).map(eventId));
}

/** `partition/offset` in `OrderReceived` of every dead letter, each once. */
export async function deadLetterOrigins(world: World): Promise<Set<string>> {
  const letters = await readTopics(world, ['DeadLetterQueue']);
  return new Set(
    letters.map(letter => {
      const place = (name: string) => header(letter, `kafka_dlt-original-${name}`);
      return `${place('partition')}/${place('offset')}`;
    }),
  );
}

/** What the broker has as committed by the group, by partition; 0 where nothing is. */
export async function committedOffsets(
  { admin }: Pick<World, 'admin'>,
  group = 'orderly-intake',
): Promise<number[]> {
  const [entry] = await admin.fetchOffsets({ groupId: group, topics: ['OrderReceived'] });
  const offsets: number[] = [];
  for (const { partition, offset } of entry!.partitions) {
    offsets[partition] = Math.max(0, Number(offset));
  }
  return offsets;
}

/** Where each partition of `OrderReceived` ends. */
export async function endOffsets({ admin }: Pick<World, 'admin'>): Promise<number[]> {
  const ends: number[] = [];
  for (const { partition, high } of await admin.fetchTopicOffsets('OrderReceived')) {
    ends[partition] = Number(high);
  }
  return ends;
}

/** Waits until the group has committed everything that was sent. */
export async function untilAllCommitted(world: World, group?: string): Promise<void> {
  const ends = await endOffsets(world);
  await waitFor(
    async () => String(await committedOffsets(world, group)) === String(ends),
    `all of OrderReceived to be committed, ${ends}`,
    60_000,
  );
}

/** Makes a topic refuse every record as too large, until `refused` is false. */
export async function refuseRecords(
  { admin }: Pick<World, 'admin'>,
  topic: string,
  refused = true,
): Promise<void> {
  const value = refused ? '1' : String(4 * 1024 * 1024);
  const configEntries = [{ name: 'max.message.bytes', value }];
  const resources = [{ type: ConfigResourceTypes.TOPIC, name: topic, configEntries }];
  await admin.alterConfigs({ validateOnly: false, resources });
}
