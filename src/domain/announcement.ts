/** What a workflow tells the world: messages of one moment, and the milestone that they mark. */
import type { OrderFacts } from './facts';

/** The type of the activity whose one argument is an Announcement. */
export const announceActivity = 'announce';

/** One message to Kafka. `id` is its derived event id, `key` the order id, `time` RFC 3339. */
export interface AnnouncedMessage {
  readonly type: string;
  readonly id: string;
  readonly key: string;
  readonly time: string;
  readonly data: unknown;
}

/** A business moment in an order's life. Its facts feed the KPIs; they hold no personal data. */
export interface Milestone {
  /** The type of the domain event announced, `OrderConfirmed` for example. */
  readonly name: string;
  readonly shipment?: string;
  /** When the order was received (the record's timestamp), RFC 3339. */
  readonly receivedAt: string;
  readonly facts: OrderFacts;
}

export interface Announcement {
  /** Absent where only operators are told. */
  readonly milestone?: Milestone;
  readonly messages: readonly AnnouncedMessage[];
  /** W3C trace context of the order, passed on as it is. */
  readonly traceparent?: string;
}
