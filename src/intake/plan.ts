import type { Config } from '../config';
import type { OrderPlan } from '../domain/plan';

/**
 * How far the orders go that this intake starts, and how long their stages may take. Undefined where
 * nothing beyond the decision is configured.
 */
export function planOf(config: Config): OrderPlan | undefined {
  const plan: OrderPlan = {
    ...approvalOf(config),
    ...(config.BACK_ORDERS && {
      backOrder: { deadlineSeconds: config.BACK_ORDER_DEADLINE_SECONDS },
    }),
    ...(config.PAYMENT_PROVIDERS.length > 0 && {
      payment: {
        providers: config.PAYMENT_PROVIDERS.map(({ name }) => name),
        deadlineSeconds: config.PAYMENT_DEADLINE_SECONDS,
      },
    }),
    ...(config.CARRIER_URL !== undefined && {
      fulfilment: {
        pickingSeconds: config.PICKING_SECONDS,
        dispatchSeconds: config.DISPATCH_SECONDS,
      },
    }),
  };
  return Object.keys(plan).length === 0 ? undefined : plan;
}

function approvalOf(config: Config): Pick<OrderPlan, 'approval'> {
  const { APPROVAL_LIMITS: limits, APPROVAL_QUANTITY: quantity } = config;
  if (limits === undefined && quantity === undefined) return {};
  return {
    approval: {
      limits: limits ?? {},
      ...(quantity !== undefined && { quantity }),
      remindSeconds: config.APPROVAL_REMIND_SECONDS,
      deadlineSeconds: config.APPROVAL_DEADLINE_SECONDS,
      onExpiry: config.APPROVAL_ON_EXPIRY,
    },
  };
}
