/** Orders on their way: where they are, what they are busy with, and what people ask of them. */
import type { OrderSnapshot } from '../../../src/domain/orderInput';
import { waitFor } from '../../support/waitFor';
import type { World } from './world';

/** Waits until that many orders whose id begins with the prefix rest in a status. */
export async function untilIn(
  { temporal }: World,
  status: 'awaiting-approval' | 'back-ordered' | 'confirmed' | 'shipping',
  prefix: string,
  orders: number,
): Promise<void> {
  const query = `WorkflowId STARTS_WITH 'order-${prefix}' AND OrderStatus = '${status}' AND ExecutionStatus = 'Running'`;
  await waitFor(
    async () => (await temporal.workflow.count(query)).count === orders,
    `${orders} orders ${prefix}* to be ${status}`,
    60_000,
  );
}

/** An activity that is not done yet. */
export interface PendingStep {
  readonly workflowId: string;
  readonly step: string;
  /** Whether a worker has it now. */
  readonly isUnderWay: boolean;
  /** 1 where no attempt has failed. */
  readonly attempt: number;
}

/** What the orders that begin with the prefix, and their parcels, are busy with. */
export async function pendingSteps({ temporal }: World, prefix: string): Promise<PendingStep[]> {
  const steps: PendingStep[] = [];
  const query = `(WorkflowId STARTS_WITH 'order-${prefix}' OR WorkflowId STARTS_WITH 'shipment-${prefix}') AND ExecutionStatus = 'Running'`;
  for await (const { workflowId } of temporal.workflow.list({ query })) {
    const { raw } = await temporal.workflow.getHandle(workflowId).describe();
    for (const { activityType, state, attempt } of raw.pendingActivities ?? []) {
      steps.push({
        workflowId,
        step: activityType!.name!,
        // PendingActivityState: started
        isUnderWay: state === 2,
        attempt: attempt!,
      });
    }
  }
  return steps;
}

export async function cancel(world: World, orderIds: readonly string[]): Promise<void> {
  const asked = { by: 'customer', reason: 'changed my mind' };
  await Promise.all(orderIds.map(orderId => ask(world, orderId, 'cancel', asked)));
}

export async function decide(
  world: World,
  orderIds: readonly string[],
  decision: 'approve' | 'reject',
): Promise<void> {
  await Promise.all(
    orderIds.map(orderId => ask(world, orderId, 'decide', { decision, by: 'boss' })),
  );
}

/** What was taken back for a closed order, in its order. */
export async function compensationsOf({ temporal }: World, orderId: string): Promise<string[]> {
  const handle = temporal.workflow.getHandle(`order-${orderId}`);
  const { compensations = [] } = await handle.query<OrderSnapshot>('status');
  return compensations.map(({ step }) => step);
}

async function ask(
  { temporal }: World,
  orderId: string,
  update: string,
  asked: object,
): Promise<void> {
  await temporal.workflow.getHandle(`order-${orderId}`).executeUpdate(update, { args: [asked] });
}
