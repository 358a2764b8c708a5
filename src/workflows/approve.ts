/** The decision of a person, for the orders that need one. */
import { CancellationScope, condition, sleep } from '@temporalio/workflow';
import { type Approval, reasonForApproval } from '../domain/approval';
import { type Rejected, rejectedFor } from '../domain/decision';
import type { ApprovalPlan } from '../domain/plan';
import type { OrderContext } from './orderContext';
import { type Notice, now, tellOperators, unlessCancelled } from './tell';

/** Waits for a person where the order needs one; a rejection where the answer is no. */
export async function approve(context: OrderContext, total: number): Promise<Rejected | undefined> {
  const { input, life } = context;
  const plan = input.plan?.approval;
  const reason = plan && reasonForApproval(plan, input.order, total);
  if (plan === undefined || reason === undefined) return undefined;

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
  plan: ApprovalPlan,
  why: string,
): Promise<Approval | undefined> {
  const { orderId } = input.order;
  const deadlineMs = plan.deadlineSeconds * 1_000;
  const until = new Date(Date.now() + deadlineMs).toISOString();
  const text = `Order ${orderId} waits for a decision until ${until}: ${why}.`;

  // Beside the wait, so that a notice that does not get out prolongs nothing.
  const notices = new CancellationScope({ cancellable: true });
  const told = notices.run(() => askForDecision(plan, { orderId, text })).catch(unlessCancelled);
  try {
    await condition(() => requests.approval !== undefined, deadlineMs);
  } finally {
    notices.cancel();
    await told;
  }
  return requests.approval;
}

/** Tells operators, and once more where nobody has decided for so long. */
async function askForDecision(
  { remindSeconds, deadlineSeconds }: ApprovalPlan,
  notice: Omit<Notice, 'reason'>,
): Promise<void> {
  const remindAt = Date.now() + remindSeconds * 1_000;
  await tellOperators({ ...notice, reason: 'approval-needed' });
  if (remindSeconds >= deadlineSeconds) return;
  await sleep(Math.max(0, remindAt - Date.now()));
  await tellOperators({ ...notice, reason: 'approval-reminder' });
}

const onExpiry = ({ onExpiry: decision }: ApprovalPlan): Approval => ({
  decision,
  by: 'orderly',
  reason: 'nobody decided in time',
  at: now(),
});
