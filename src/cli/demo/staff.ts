/** The people of the demonstration's shop: one decides what needs a person, one buys what is short. */
import { type Client, WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client';
import type { ApprovalDecision } from '../../domain/approval';
import { orderWorkflowId } from '../../domain/ids';
import { messageOf } from '../../errors';
import type { Publisher } from '../../kafka/publisher';
import type { IncomingRecord } from '../../kafka/record';
import { operatorNotice } from '../../messages/operatorNotice';
import { orderBackOrdered } from '../../messages/orderBackOrdered';
import { stockReplenished } from '../../messages/stockReplenished';
import { decideUpdate } from '../../workflows/orderInterface';
import { eventOf } from '../orders/submission';
import { pause } from '../terminal/interrupt';
import { note } from '../terminal/output';
import { replenishedPieces, replenishedProduct } from './products';
import { dataOf } from './read';
import { isDemoOrder } from './submissions';

export interface StaffOptions {
  readonly client: Client;
  readonly publisher: Publisher;
}

/** What they need to hear of. */
export const staffTopics = [operatorNotice.topic, orderBackOrdered.topic] as const;

const thinkingMs = 500;
const deliveryMs = 1_000;
const patienceMs = 10_000;

export class Staff {
  private readonly busy = new Set<Promise<void>>();
  private readonly leaving = new AbortController();
  /** Event ids of what they know, since news may come twice. */
  private readonly heard = new Set<string>();
  private asked = 0;
  /** Decisions that an order took. */
  readonly decided = { approved: 0, rejected: 0 };

  constructor(private readonly options: StaffOptions) {}

  /** Lets them know of a record of one of their topics. */
  hear(record: IncomingRecord): void {
    const news = newsIn(record);
    if (news === undefined || this.heard.has(news.id)) return;
    this.heard.add(news.id);
    if (news.kind === 'approval') this.begin(thinkingMs, () => this.decide(news.orderId));
    else this.begin(deliveryMs, () => this.replenish());
  }

  /** They begin nothing more; resolves when all that they began is done. */
  async stop(): Promise<void> {
    this.leaving.abort();
    await Promise.all(this.busy);
  }

  private begin(afterMs: number, work: () => Promise<unknown>): void {
    const doing = pause(afterMs, this.leaving.signal)
      .then(() => (this.leaving.signal.aborted ? undefined : work()))
      .catch((thrown: unknown) => note(`The demo's staff could not work: ${messageOf(thrown)}`))
      .then(() => void this.busy.delete(doing));
    this.busy.add(doing);
  }

  /** Every fourth is rejected. That it was decided, cancelled or closed meanwhile is nothing to mend. */
  private async decide(orderId: string): Promise<void> {
    const decision = this.asked++ % 4 === 1 ? rejection : approval;
    const { client } = this.options;
    const handle = client.workflow.getHandle(orderWorkflowId(orderId));
    const update = { args: [decision] as [ApprovalDecision], updateId: `decide-${orderId}` };
    try {
      await client.withDeadline(Date.now() + patienceMs, () =>
        handle.executeUpdate(decideUpdate, update),
      );
      this.decided[decision === approval ? 'approved' : 'rejected']++;
    } catch (thrown) {
      const isTooLate =
        thrown instanceof WorkflowUpdateFailedError || thrown instanceof WorkflowNotFoundError;
      if (!isTooLate) throw thrown;
    }
  }

  private async replenish(): Promise<void> {
    const { productCode, location } = replenishedProduct;
    const at = new Date().toISOString();
    const delivery = { productCode, location, quantity: replenishedPieces, at };
    await this.options.publisher.publish(eventOf(stockReplenished, delivery));
  }
}

const approval: ApprovalDecision = { decision: 'approve', by: 'demo-operator' };
const rejection: ApprovalDecision = {
  decision: 'reject',
  by: 'demo-operator',
  reason: 'the customer could not be reached',
};

type News =
  | { readonly kind: 'approval'; readonly id: string; readonly orderId: string }
  | { readonly kind: 'short'; readonly id: string };

const wantsDecision: ReadonlySet<string> = new Set(['approval-needed', 'approval-reminder']);

/** Other people's orders are left to them, and so is what nobody buys in. */
export function newsIn(record: IncomingRecord): News | undefined {
  if (record.topic === operatorNotice.topic) {
    const notice = dataOf(operatorNotice, record);
    if (notice === undefined || !wantsDecision.has(notice.reason)) return undefined;
    const { orderId, reason } = notice;
    return isDemoOrder(orderId)
      ? { kind: 'approval', id: `${reason}:${orderId}`, orderId }
      : undefined;
  }
  if (record.topic !== orderBackOrdered.topic) return undefined;
  const order = dataOf(orderBackOrdered, record);
  return order?.productCodes.includes(replenishedProduct.productCode)
    ? { kind: 'short', id: `short:${order.orderId}` }
    : undefined;
}
