/** The customers of the demonstration who change their mind: some at once, some when it is confirmed. */
import { WorkflowNotFoundError } from '@temporalio/client';
import { announcementId, orderWorkflowId } from '../../domain/ids';
import { cancelUpdate } from '../../workflows/orderInterface';
import { pause } from '../terminal/interrupt';
import type { Session } from './session';

const patienceMs = 30_000;
const confirmedWithinMs = 60_000;

/** Best effort: the order exists only in a moment, and may be packed a moment later. */
export async function cancelWhileOpen(
  { temporal: { client } }: Session,
  orderId: string,
  signal: AbortSignal,
): Promise<void> {
  const handle = client.workflow.getHandle(orderWorkflowId(orderId));
  const args: [{ by: string; reason: string }] = [{ by: 'customer', reason: 'changed my mind' }];
  const limit = Date.now() + patienceMs;
  while (Date.now() < limit && !signal.aborted) {
    try {
      await client.withDeadline(Date.now() + patienceMs, () =>
        handle.executeUpdate(cancelUpdate, { args, updateId: `cancel-${orderId}` }),
      );
      return;
    } catch (thrown) {
      const notYet = thrown instanceof WorkflowNotFoundError && !/completed/.test(thrown.message);
      if (!notYet) return;
      await pause(10, signal);
    }
  }
}

/** Waits until the warehouse picks it; the order may also be rejected before. */
export async function cancelInPicking(
  session: Session,
  orderId: string,
  signal: AbortSignal,
): Promise<void> {
  const confirmation = announcementId('OrderConfirmed', orderId);
  const limit = Date.now() + confirmedWithinMs;
  while (!session.tally.confirmed.has(confirmation)) {
    if (Date.now() > limit || signal.aborted) return;
    await pause(20, signal);
  }
  await cancelWhileOpen(session, orderId, signal);
}
