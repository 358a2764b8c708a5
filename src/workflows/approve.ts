/** The decision of a person, for the orders that need one. */
import { condition } from '@temporalio/workflow';
import { type Approval, reasonForApproval } from '../domain/approval';
import { type Rejected, rejectedFor } from '../domain/decision';
import type { ApprovalPlan } from '../domain/plan';
import type { OrderContext } from './orderContext';
import { now, tellOperators } from './tell';

/** Waits for a person where the order needs one; a rejection where the answer is no. */
export async function approve(context: OrderContext, total: number): Promise<Rejected | undefined> {
  const { input, life } = context;
  const plan = input.plan?.approval;
  const reason = plan && reasonForApproval(plan, input.order, total);
  if (plan === undefined || reason === undefined) return undefined;

  life.priced(total);
  life.enter('awaiting-approval', reason);
  life.publish();
  const given = await untilDecided(context, plan, reason);
  const approval = given ?? onExpiry(plan);
  life.approval(approval);
  if (approval.decision === 'reject') {
    return rejectedFor(given ? 'ApprovalRefused' : 'ApprovalExpired');
  }
  life.enter('approved', `by ${approval.by}`);
  life.publish();
  return undefined;
}

async function untilDecided(
  { input, requests }: OrderContext,
  { remindSeconds, deadlineSeconds }: ApprovalPlan,
  why: string,
): Promise<Approval | undefined> {
  const { orderId } = input.order;
  const isDecided = () => requests.approval !== undefined;
  const until = new Date(Date.now() + deadlineSeconds * 1_000).toISOString();
  const text = `Order ${orderId} waits for a decision until ${until}: ${why}.`;

  await tellOperators({ orderId, reason: 'approval-needed', text });
  const remind = Math.min(remindSeconds, deadlineSeconds);
  if (!(await condition(isDecided, remind * 1_000)) && remind < deadlineSeconds) {
    await tellOperators({ orderId, reason: 'approval-reminder', text });
    await condition(isDecided, (deadlineSeconds - remind) * 1_000);
  }
  return requests.approval;
}

const onExpiry = ({ onExpiry: decision }: ApprovalPlan): Approval => ({
  decision,
  by: 'orderly',
  reason: 'nobody decided in time',
  at: now(),
});
