/** Starting the one workflow of an order. */
import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { unknownChannel } from '../domain/facts';
import { orderWorkflowId } from '../domain/ids';
import type { OrderInput } from '../domain/orderInput';
import type { OrderPlan } from '../domain/plan';
import { regionOf } from '../domain/region';
import { orderSearchAttributes } from '../domain/searchAttributes';
import { messageOf, OrderlyError } from '../errors';
import type { order as orderWorkflow } from '../workflows';
import type { TakenOrder } from './take';

export interface StarterOptions {
  readonly client: Client;
  readonly address: string;
  readonly taskQueue: string;
  /** Currency of an order that names none. */
  readonly defaultCurrency: string;
  /** How far the life of an order goes; absent where it ends with its decision. */
  readonly plan?: OrderPlan;
}

export type StartOrder = (taken: TakenOrder) => Promise<void>;

/**
 * Starts `order-<orderId>` unless it was started before; Temporal guards that as long as it retains the
 * workflow, the register for ever.
 * @throws OrderlyError TemporalUnavailable: whatever the reason, the order waits in Kafka.
 */
export function createStarter(options: StarterOptions): StartOrder {
  return async taken => {
    const input = inputOf(taken, options);
    try {
      await options.client.workflow.start<typeof orderWorkflow>('order', {
        workflowId: orderWorkflowId(taken.order.orderId),
        taskQueue: options.taskQueue,
        args: [input],
        workflowIdReusePolicy: 'REJECT_DUPLICATE',
        workflowIdConflictPolicy: 'FAIL',
        memo: { traceparent: taken.traceparent, synthetic: taken.order.synthetic },
        typedSearchAttributes: searchAttributesOf(input),
        staticSummary: summaryOf(input),
      });
    } catch (cause) {
      if (cause instanceof WorkflowExecutionAlreadyStartedError) return;
      const parameters = { address: options.address, detail: messageOf(cause) };
      throw new OrderlyError('TemporalUnavailable', parameters, { cause });
    }
  };
}

function inputOf(
  { order, receivedAt }: TakenOrder,
  { defaultCurrency, plan }: StarterOptions,
): OrderInput {
  return {
    order: { ...order, currency: order.currency ?? defaultCurrency },
    receivedAt: new Date(receivedAt).toISOString(),
    ...(plan && { plan }),
  };
}

const searchAttributesOf = ({ order }: OrderInput) => [
  { key: orderSearchAttributes.status, value: 'received' },
  { key: orderSearchAttributes.currency, value: order.currency },
  { key: orderSearchAttributes.channel, value: order.channel ?? unknownChannel },
  { key: orderSearchAttributes.region, value: regionOf(order.customer.shippingAddress) },
];

function summaryOf({ order }: OrderInput): string {
  const lines = order.products.length === 1 ? '1 line' : `${order.products.length} lines`;
  return `${lines} for ${regionOf(order.customer.shippingAddress)}, in ${order.currency}`;
}
