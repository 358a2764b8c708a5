/** What the topics say of the orders, each thing counted once by what names it; pure. */
import { headerText, type IncomingRecord } from '../../kafka/record';
import { deadLetterHeaders, deadLetterTopic } from '../../messages/deadLetterQueue';
import { kpiTopic } from '../../messages/kpiEvent';
import { orderCancelled } from '../../messages/orderCancelled';
import { orderConfirmed } from '../../messages/orderConfirmed';
import { orderReceived } from '../../messages/orderReceived';
import { orderRejected } from '../../messages/orderRejected';
import { SlidingWindow } from '../kpi/figures';
import { type IdentifiedKpiEvent, readKpiEvent } from '../kpi/readEvent';
import { originOfDeadLetter, originOfReceived } from './origin';

const latencyTopic = kpiTopic('order-latency');
const errorTopic = kpiTopic('inventory-errors');

/** Which records count. */
export interface Scope {
  /** For what came in, good or bad. */
  readonly isOurs: (record: IncomingRecord) => boolean;
  /** For what was announced and observed. */
  readonly isOurOrder: (orderId: string) => boolean;
  /** How far the figures of latency and errors look back, in milliseconds. */
  readonly windowMs: number;
  /** KPIs of which every event of our orders is remembered. */
  readonly kpis: readonly string[];
}

export class Tally {
  /** Distinct submissions on `OrderReceived`. */
  readonly received = new Set<string>();
  /** Order ids by their distinct announcement, under its event id. */
  readonly confirmed = new Map<string, string>();
  readonly rejected = new Map<string, string>();
  readonly cancelled = new Map<string, string>();
  /** Reasons by the submission that became a dead letter. */
  readonly deadLetters = new Map<string, string>();
  /** Event ids of duplicate orders on `InventoryErrors`. */
  readonly duplicates = new Set<string>();
  /** Distinct events of `OrderLatency`. */
  readonly decided = new Set<string>();
  /** KPIs by their distinct events of our orders. */
  readonly kpiEvents = new Map<string, string>();
  readonly latency: SlidingWindow;
  readonly inventoryErrors: SlidingWindow;

  /** The topics that the tally is made of. */
  readonly topics: readonly string[];

  private readonly add: Readonly<Record<string, (record: IncomingRecord) => void>> = {
    [orderReceived.topic]: record => {
      if (this.scope.isOurs(record)) this.received.add(originOfReceived(record));
    },
    [orderConfirmed.topic]: record => this.addAnnouncement(this.confirmed, record),
    [orderRejected.topic]: record => this.addAnnouncement(this.rejected, record),
    [orderCancelled.topic]: record => this.addAnnouncement(this.cancelled, record),
    [deadLetterTopic]: record => {
      if (!this.scope.isOurs(record)) return;
      const reason = headerText(record.headers, deadLetterHeaders.exceptionFqcn) ?? 'none';
      this.deadLetters.set(originOfDeadLetter(record), reason);
    },
    [latencyTopic]: record => {
      const event = readKpiEvent(record);
      if (event === undefined || !this.scope.isOurOrder(keyOf(record))) return;
      this.decided.add(event.id);
      this.latency.add(observed(event));
    },
    [errorTopic]: record => {
      const event = readKpiEvent(record);
      if (event === undefined) return;
      this.inventoryErrors.add(observed(event));
      if (dimension(event, 'error') === 'DuplicateOrder') this.duplicates.add(event.id);
    },
  };

  private readonly kpiTopics: ReadonlySet<string>;

  constructor(private readonly scope: Scope) {
    this.kpiTopics = new Set(scope.kpis.map(kpiTopic));
    this.topics = [...new Set([...Object.keys(this.add), ...this.kpiTopics])];
    this.latency = new SlidingWindow(scope.windowMs);
    this.inventoryErrors = new SlidingWindow(scope.windowMs);
  }

  /** Counts a record of one of the `topics`. */
  count(record: IncomingRecord): void {
    this.add[record.topic]?.(record);
    if (this.kpiTopics.has(record.topic) && this.scope.isOurOrder(keyOf(record))) {
      const event = readKpiEvent(record);
      if (event !== undefined) this.kpiEvents.set(event.id, event.data.kpi);
    }
  }

  /** Submissions of which something has become. */
  get settled(): number {
    const { confirmed, rejected, cancelled, deadLetters, duplicates } = this;
    const ways = [confirmed, rejected, cancelled, deadLetters, duplicates];
    return ways.reduce((sum, { size }) => sum + size, 0);
  }

  private addAnnouncement(to: Map<string, string>, record: IncomingRecord): void {
    const orderId = keyOf(record);
    const id = headerText(record.headers, 'ce_id');
    if (id !== undefined && this.scope.isOurOrder(orderId)) to.set(id, orderId);
  }
}

const keyOf = ({ key }: IncomingRecord): string => key?.toString('utf8') ?? '';

const observed = ({ id, data }: IdentifiedKpiEvent) => ({
  id,
  at: Date.parse(data.timestamp),
  value: data.value,
});

const dimension = ({ data }: IdentifiedKpiEvent, name: string) =>
  data.metadata.find(entry => entry.name === name)?.value;
