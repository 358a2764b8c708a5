/** Cancelling an order: by the validated update, or by Temporal's own Cancel, under the same rule. */
import { ApplicationFailure, type CancellationScope, setHandler } from '@temporalio/workflow';
import { type CancellationRequest, cancellationFault } from '../domain/decision';
import { isDecided, type OrderStatus } from '../domain/orderStatus';
import { OrderlyError } from '../errors';
import { cancelUpdate } from './orderInterface';
import type { OrderLife } from './orderLife';

export interface Cancellation {
  /** The request that was accepted, if any. */
  readonly request: CancellationRequest | undefined;
}

/**
 * Takes cancellations as long as the order is not decided; the first one counts.
 * @param temporal the scope that Temporal's own Cancel cancels
 * @param undecided the scope of all that need not go on once a request is accepted
 */
export function acceptCancellation(
  life: OrderLife,
  orderId: string,
  temporal: CancellationScope,
  undecided: CancellationScope,
): Cancellation {
  let request: CancellationRequest | undefined;
  const accept = (asked: CancellationRequest) => {
    request ??= asked;
    undecided.cancel();
  };

  setHandler(
    cancelUpdate,
    (asked: CancellationRequest): OrderStatus => {
      accept(asked);
      return 'cancelled';
    },
    { validator: (asked: CancellationRequest) => validate(asked, life, orderId) },
  );
  void temporal.cancelRequested.catch(() => {
    if (!isDecided(life.status)) accept({ by: 'temporal', reason: 'cancelled in Temporal' });
  });

  return {
    get request() {
      return request;
    },
  };
}

function validate(asked: CancellationRequest, life: OrderLife, orderId: string): void {
  const detail = cancellationFault(asked);
  if (detail !== undefined) throw refusal(new OrderlyError('CancellationInvalid', { detail }));
  const { status } = life;
  if (isDecided(status)) throw refusal(new OrderlyError('OrderDecided', { orderId, status }));
}

const refusal = ({ code, message, parameters }: OrderlyError): ApplicationFailure =>
  ApplicationFailure.nonRetryable(message, code, parameters);
