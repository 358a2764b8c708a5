/** What the topics say of the orders, each thing counted once by what names it; pure. */
import { headerText, type IncomingRecord } from '../../kafka/record';
import { deadLetterHeaders, deadLetterTopic } from '../../messages/deadLetterQueue';
import { kpiTopic } from '../../messages/kpiEvent';
import { operatorNotice } from '../../messages/operatorNotice';
import { orderBackOrdered } from '../../messages/orderBackOrdered';
import { orderCancelled } from '../../messages/orderCancelled';
import { orderConfirmed } from '../../messages/orderConfirmed';
import { orderReceived } from '../../messages/orderReceived';
import { orderRejected } from '../../messages/orderRejected';
import { orderShipped } from '../../messages/orderShipped';
import { SlidingWindow } from '../kpi/figures';
import { type IdentifiedKpiEvent, readKpiEvent } from '../kpi/readEvent';
import { originOfDeadLetter, originOfReceived } from './origin';
import { parcelValues } from './parcelValues';
import { dataOf, idOf, keyOf } from './read';

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
  /** Why, by the same: why the order was refused as a whole, else why its first line was. */
  readonly rejections = new Map<string, string>();
  readonly cancelled = new Map<string, string>();
  readonly backOrdered = new Map<string, string>();
  /** Parcels, as `<orderId>:<shipment>`, by the distinct announcement that they are on their way. */
  readonly shipped = new Map<string, string>();
  /** Orders that were confirmed, rejected or cancelled. */
  readonly decidedOrders = new Set<string>();
  /** Reasons by the distinct notice to operators. */
  readonly notices = new Map<string, string>();
  /** Reasons by the submission that became a dead letter. */
  readonly deadLetters = new Map<string, string>();
  /** Reasons by the distinct message of a partner that became a dead letter, whoever it was about. */
  readonly refusedNews = new Map<string, string>();
  /** Event ids of duplicate orders on `InventoryErrors`. */
  readonly duplicates = new Set<string>();
  /** Distinct events of `OrderLatency`. */
  readonly decided = new Set<string>();
  /** KPIs by their distinct events of our orders. */
  readonly kpiEvents = new Map<string, string>();
  readonly latency: SlidingWindow;
  readonly inventoryErrors: SlidingWindow;

  /** Confirmed orders that go in several parcels. */
  readonly splitOrders = new Set<string>();

  /** What each parcel of a confirmed order is worth. */
  private readonly values = new Map<string, number>();

  /** The topics that the tally is made of. */
  readonly topics: readonly string[];

  private readonly add: Readonly<Record<string, (record: IncomingRecord) => void>> = {
    [orderReceived.topic]: record => {
      if (this.scope.isOurs(record)) this.received.add(originOfReceived(record));
    },
    [orderConfirmed.topic]: record => {
      if (this.addDecision(this.confirmed, record)) this.addValues(record);
    },
    [orderRejected.topic]: record => {
      if (!this.addDecision(this.rejected, record)) return;
      const { cause, reasons } = dataOf(orderRejected, record) ?? { reasons: [] };
      this.rejections.set(idOf(record)!, cause ?? reasons[0]?.reason ?? 'none');
    },
    [orderCancelled.topic]: record => this.addDecision(this.cancelled, record),
    [orderBackOrdered.topic]: record => this.addAnnouncement(this.backOrdered, record),
    [orderShipped.topic]: record => {
      if (!this.addAnnouncement(this.shipped, record)) return;
      const shipment = dataOf(orderShipped, record)?.shipment ?? 'none';
      this.shipped.set(idOf(record)!, `${keyOf(record)}:${shipment}`);
    },
    [operatorNotice.topic]: record => {
      if (!this.addAnnouncement(this.notices, record)) return;
      this.notices.set(idOf(record)!, dataOf(operatorNotice, record)?.reason ?? 'none');
    },
    [deadLetterTopic]: record => {
      const from = headerText(record.headers, deadLetterHeaders.originalTopic);
      const isNews = from !== orderReceived.topic;
      if (!isNews && !this.scope.isOurs(record)) return;
      const reason = headerText(record.headers, deadLetterHeaders.exceptionFqcn) ?? 'none';
      (isNews ? this.refusedNews : this.deadLetters).set(originOfDeadLetter(record), reason);
    },
    [latencyTopic]: record => {
      const event = readKpiEvent(record);
      if (event === undefined || !this.scope.isOurOrder(orderOf(event))) return;
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
    if (!this.kpiTopics.has(record.topic)) return;
    const event = readKpiEvent(record);
    if (event !== undefined && this.scope.isOurOrder(orderOf(event))) {
      this.kpiEvents.set(event.id, event.data.kpi);
    }
  }

  /** Submissions that are decided, whatever still becomes of them. */
  get decidedSubmissions(): number {
    return this.decidedOrders.size + this.deadLetters.size + this.duplicates.size;
  }

  /** Orders of which both was announced. */
  get cancelledAfterConfirmation(): number {
    const confirmed = new Set(this.confirmed.values());
    return [...this.cancelled.values()].filter(orderId => confirmed.has(orderId)).length;
  }

  /** What the parcels that are on their way are worth, in minor units; NaN where one was never confirmed. */
  get shippedValue(): number {
    return [...this.shipped.values()].reduce(
      (sum, parcel) => sum + (this.values.get(parcel) ?? Number.NaN),
      0,
    );
  }

  /** Answers whether it is one of ours, seen for the first time. */
  private addAnnouncement(to: Map<string, string>, record: IncomingRecord): boolean {
    const orderId = keyOf(record);
    const id = idOf(record);
    if (id === undefined || !this.scope.isOurOrder(orderId) || to.has(id)) return false;
    to.set(id, orderId);
    return true;
  }

  private addDecision(to: Map<string, string>, record: IncomingRecord): boolean {
    const isNew = this.addAnnouncement(to, record);
    if (isNew) this.decidedOrders.add(keyOf(record));
    return isNew;
  }

  private addValues(record: IncomingRecord): void {
    const order = dataOf(orderConfirmed, record);
    if (order === undefined) return;
    const values = parcelValues(order);
    if (values.size > 1) this.splitOrders.add(order.orderId);
    for (const [shipment, value] of values) {
      this.values.set(`${order.orderId}:${shipment}`, value);
    }
  }
}

/** The order in whose workflow, or in whose parcel's, it was observed; none where nothing names one. */
const orderOf = (event: IdentifiedKpiEvent): string =>
  /^(?:order-(.+)|shipment-(.+)-\d+)$/
    .exec(String(dimension(event, 'workflowId')))
    ?.slice(1)
    .find(id => id !== undefined) ?? '';

const observed = ({ id, data }: IdentifiedKpiEvent) => ({
  id,
  at: Date.parse(data.timestamp),
  value: data.value,
});

const dimension = ({ data }: IdentifiedKpiEvent, name: string) =>
  data.metadata.find(entry => entry.name === name)?.value;
