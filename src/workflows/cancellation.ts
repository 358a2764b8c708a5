/** Cancelling an order: by the validated update, or by Temporal's own Cancel, under the same rule. */
import { ApplicationFailure, CancellationScope, setHandler } from '@temporalio/workflow';
import type { CancellationRequest } from '../domain/decision';
import { isDecided, type OrderStatus } from '../domain/orderStatus';
import { OrderlyError } from '../errors';
import { cancelUpdate } from './orderInterface';
import type { OrderLife } from './orderLife';

export interface Cancellation {
  /** The request that was accepted, if any. */
  readonly request: CancellationRequest | undefined;
  /** Resolves once a request is accepted. */
  readonly requested: Promise<void>;
}

/** Takes cancellations as long as the order is not decided; the first one counts. */
export function acceptCancellation(life: OrderLife, orderId: string): Cancellation {
  let request: CancellationRequest | undefined;
  let announceRequest: () => void;
  // Not a Trigger: that would itself be cancelled with the scope in which it was made.
  const requested = new Promise<void>(resolve => {
    announceRequest = resolve;
  });
  const accept = (asked: CancellationRequest) => {
    request ??= asked;
    announceRequest();
  };

  setHandler(
    cancelUpdate,
    (asked: CancellationRequest): OrderStatus => {
      accept(asked);
      return 'cancelled';
    },
    { validator: (_asked: CancellationRequest) => refuseIfDecided(life, orderId) },
  );
  void CancellationScope.current().cancelRequested.catch(() => {
    if (!isDecided(life.status)) accept({ by: 'temporal', reason: 'cancelled in Temporal' });
  });

  return {
    requested,
    get request() {
      return request;
    },
  };
}

function refuseIfDecided(life: OrderLife, orderId: string): void {
  const { status } = life;
  if (!isDecided(status)) return;
  const { code, message } = new OrderlyError('OrderDecided', { orderId, status });
  throw ApplicationFailure.nonRetryable(message, code, status);
}
