/** Orders that a person decides: which they are, and what that person may answer. */
import type { Order } from '../messages/orderReceived';
import type { ApprovalPlan } from './plan';
import { textFault } from './requests';

/** What a person says about an order. `by` up to 100 characters, `reason` up to 200. */
export interface ApprovalDecision {
  readonly decision: 'approve' | 'reject';
  readonly by: string;
  readonly reason?: string;
}

/** The same, with the time at which it came, RFC 3339; `by` is `orderly` where nobody decided in time. */
export interface Approval extends ApprovalDecision {
  readonly at: string;
}

/** Why an order needs a person, in words; undefined where it needs none. `total` in minor units. */
export function reasonForApproval(
  { limits, quantity: largest = Infinity }: ApprovalPlan,
  { products, currency }: Pick<Order, 'products'> & { readonly currency: string },
  total: number,
): string | undefined {
  const limit = limits[currency];
  if (limit !== undefined && total > limit) {
    return `its total of ${total} is above the limit of ${limit} minor units of ${currency}`;
  }
  const index = products.findIndex(({ quantity }) => quantity > largest);
  return index < 0 ? undefined : `line ${index} is of more than ${largest} pieces`;
}

/** What is wrong with a decision that anybody may have sent; undefined where nothing is. */
export function approvalFault(asked: unknown): string | undefined {
  if (typeof asked !== 'object' || asked === null) return 'it is no object';
  const { decision, ...rest }: { decision?: unknown; by?: unknown; reason?: unknown } = asked;
  if (decision !== 'approve' && decision !== 'reject') return 'decision is not approve or reject';
  return textFault(rest);
}
