/** Every message that crosses Kafka. */
import { deadLetterTopic } from './deadLetterQueue';
import { kpiEvent } from './kpiEvent';
import { kpiHeartbeat } from './kpiHeartbeat';
import type { Message, TopicMessage } from './message';
import { notification } from './notification';
import { operatorNotice } from './operatorNotice';
import { orderBackOrdered } from './orderBackOrdered';
import { orderCancelled } from './orderCancelled';
import { orderConfirmed } from './orderConfirmed';
import { orderPickedAndPacked } from './orderPickedAndPacked';
import { orderReceived } from './orderReceived';
import { orderRejected } from './orderRejected';
import { orderShipped } from './orderShipped';
import { shipmentDispatched } from './shipmentDispatched';
import { stockReplenished } from './stockReplenished';

const topicMessages: readonly TopicMessage[] = [
  orderReceived,
  orderConfirmed,
  orderRejected,
  orderCancelled,
  orderBackOrdered,
  orderPickedAndPacked,
  shipmentDispatched,
  orderShipped,
  stockReplenished,
  notification,
  operatorNotice,
  kpiHeartbeat,
];

/** Every message with a schema. */
export const messages: readonly Message[] = [...topicMessages, kpiEvent];

/** Every topic but those of the KPIs, which follow from their definitions (`kpiTopic`). */
export const topics: readonly string[] = [
  ...topicMessages.map(message => message.topic),
  deadLetterTopic,
];

/** The topic of a message that has one of its own. @throws Error for a type that nothing defines. */
export function topicOf(type: string): string {
  const message = topicMessages.find(known => known.type === type);
  if (message === undefined) throw new Error(`no message of type ${type} is defined`);
  return message.topic;
}
