/** The members of consumer groups, as the broker has them. */
import { connect } from 'node:net';
import type { World } from './world';

/** The ids of the members of a group. */
export async function membersOf(world: World, group = 'orderly-intake'): Promise<string[]> {
  const { groups } = await world.admin.describeGroups([group]);
  return groups[0]?.members.map(({ memberId }) => memberId) ?? [];
}

/**
 * Takes dead members out of a consumer group at once. The broker would wait for their sessions to end,
 * ten seconds, before it lets anybody else have their partitions.
 */
export async function removeMembers(world: World, group = 'orderly-intake'): Promise<void> {
  for (const memberId of await membersOf(world, group)) {
    await request(world.brokers[0]!, leaveGroup(group, memberId));
  }
}

/** LeaveGroup, version 1 (https://kafka.apache.org/protocol#The_Messages_LeaveGroup). */
function leaveGroup(group: string, memberId: string): Buffer {
  const header = Buffer.alloc(8);
  header.writeInt16BE(13, 0);
  header.writeInt16BE(1, 2);
  return Buffer.concat([header, text('test'), text(group), text(memberId)]);
}

function text(value: string): Buffer {
  const length = Buffer.alloc(2);
  length.writeInt16BE(Buffer.byteLength(value));
  return Buffer.concat([length, Buffer.from(value)]);
}

/** Sends one request and resolves when the broker begins to answer. */
function request(broker: string, body: Buffer): Promise<void> {
  const [host, port] = broker.split(':');
  const size = Buffer.alloc(4);
  size.writeInt32BE(body.length);
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port: Number(port) }, () => {
      socket.write(Buffer.concat([size, body]));
    });
    socket.once('error', reject);
    socket.once('data', () => {
      socket.destroy();
      resolve();
    });
  });
}
