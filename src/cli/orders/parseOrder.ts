/** An order that a person wrote, judged as intake would judge it, before anything is sent. */
import { readFileSync } from 'node:fs';
import { messageOf, OrderlyError } from '../../errors';
import { decode } from '../../kafka/cloudEvents';
import { faultOf } from '../../messages/message';
import { type Order, orderReceived } from '../../messages/orderReceived';

/** File descriptor of standard input. */
const standardInput = 0;

/**
 * The bytes of a file, or of standard input for `-`.
 * @throws OrderlyError FileUnreadable
 */
export function readInput(path: string): Buffer {
  try {
    return readFileSync(path === '-' ? standardInput : path);
  } catch (cause) {
    throw new OrderlyError('FileUnreadable', { path, detail: messageOf(cause) }, { cause });
  }
}

/**
 * @param largest bytes at most, as intake takes them
 * @throws OrderlyError EmptyMessage, MessageTooLarge, NotJson, MessageInvalid (with the path of the fault)
 */
export function parseOrder(value: Buffer, largest: number): Order {
  const { data } = decode({ value, headers: {} }, largest);
  const parsed = orderReceived.schema.safeParse(data);
  if (parsed.success) return parsed.data;
  throw new OrderlyError('MessageInvalid', { type: orderReceived.type, ...faultOf(parsed.error) });
}
