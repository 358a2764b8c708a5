/** What an order is asked and told while it lives: by customers, operators, the warehouse and the carrier. */
import {
  ApplicationFailure,
  CancellationScope,
  isCancellation,
  patched,
  setHandler,
} from '@temporalio/workflow';
import { type Approval, type ApprovalDecision, approvalFault } from '../domain/approval';
import { type CancellationRequest, cancellationFault } from '../domain/decision';
import type { OrderInput } from '../domain/orderInput';
import { mayBeCancelled, type OrderStatus } from '../domain/orderStatus';
import { addressFault } from '../domain/requests';
import type { Dispatch } from '../domain/shipping';
import { OrderlyError } from '../errors';
import {
  cancelUpdate,
  changeAddressUpdate,
  decideUpdate,
  dispatchedSignal,
  packedSignal,
  stockReservedSignal,
} from './orderInterface';
import type { OrderLife } from './orderLife';
import { type Notice, now, tellOperators } from './tell';

export class OrderRequests {
  /** The first that was accepted. From then on nothing else is. */
  cancellation: CancellationRequest | undefined;
  approval: Approval | undefined;
  address: OrderInput['order']['customer']['shippingAddress'];
  /** Whether the stock that the order waits for may have come since this was last set back. */
  stockReserved = false;
  private readonly packed = new Set<string>();
  private readonly dispatches = new Map<string, Dispatch>();
  private calledOff: CancellationScope | undefined;

  /** @param temporal the scope that Temporal's own Cancel cancels */
  constructor(
    private readonly input: OrderInput,
    private readonly life: OrderLife,
    temporal: CancellationScope,
  ) {
    this.address = input.order.customer.shippingAddress;
    this.hearCustomers();
    this.hearPartners();
    setHandler(decideUpdate, asked => this.decide(asked), {
      description:
        'Approve or reject an order that waits for a decision: {"decision": "approve", "by": "Ada", "reason": "known customer"}. It counts once.',
      validator: asked => this.validateDecision(asked),
    });
    void temporal.cancelRequested.catch(() => {
      if (this.isOpen) this.cancel({ by: 'temporal', reason: 'cancelled in Temporal' });
    });
  }

  /** Does steps that end, at once and in the middle, where the order is cancelled; answers then with nothing. */
  async unlessCancelled<T>(steps: () => Promise<T>): Promise<T | undefined> {
    const scope = new CancellationScope({ cancellable: true });
    this.calledOff = scope;
    try {
      if (this.cancellation !== undefined) return undefined;
      const done = await scope.run(steps);
      return this.cancellation === undefined ? done : undefined;
    } catch (failure) {
      if (isCancellation(failure) && this.cancellation !== undefined) return undefined;
      throw failure;
    }
  }

  isPacked(shipment: string): boolean {
    return this.packed.has(shipment);
  }

  /** A parcel that the order does not have is somebody's mistake, and changes nothing. */
  get isAnyPacked(): boolean {
    return this.life.parcels.some(({ shipment }) => this.packed.has(shipment));
  }

  dispatchOf(shipment: string): Dispatch | undefined {
    return this.dispatches.get(shipment);
  }

  /** Whether it can still be cancelled, and its address be changed. */
  private get isOpen(): boolean {
    const isFulfilled = this.input.plan?.fulfilment !== undefined;
    return mayBeCancelled(this.life.status, isFulfilled) && !this.isAnyPacked;
  }

  private hearCustomers(): void {
    setHandler(cancelUpdate, asked => this.cancel(asked), {
      description:
        'Call the order off, until any of it is packed: {"by": "Ada", "reason": "ordered twice"}. Money and stock are given back.',
      validator: asked => this.validate('CancellationInvalid', cancellationFault(asked)),
    });
    setHandler(
      changeAddressUpdate,
      asked => {
        this.address = asked;
      },
      {
        description:
          'Send the order elsewhere, until any of it is packed: {"line1": "...", "city": "...", "state": "...", "postalCode": "..."}.',
        validator: asked => {
          this.validate('AddressInvalid', addressFault(asked));
          if (this.cancellation !== undefined) this.refuseAsDecided('cancelled');
        },
      },
    );
  }

  private hearPartners(): void {
    setHandler(stockReservedSignal, () => this.wake(), {
      description: 'The stock that the order waits for may have come: it looks for itself.',
    });
    setHandler(packedSignal, ({ shipment }) => this.pack(shipment), {
      description:
        'The warehouse has packed a parcel: {"shipment": "1", "packedAt": "2026-01-31T12:00:00Z"}.',
    });
    setHandler(dispatchedSignal, dispatch => this.keep(dispatch), {
      description:
        'The carrier has taken a parcel over before its own workflow began: {"shipment": "1", "carrier": "...", "trackingNumber": "...", "dispatchedAt": "..."}.',
    });
  }

  private wake(): void {
    this.stockReserved = true;
  }

  private async pack(shipment: string): Promise<void> {
    if (!this.life.hasParcel(shipment)) return;
    if (this.cancellation === undefined) this.packed.add(shipment);
    else await this.tellOfStray(shipment, 'packed-after-end', 'is packed: have it unpacked');
  }

  private async keep(dispatch: Dispatch): Promise<void> {
    const { shipment } = dispatch;
    if (!this.life.hasParcel(shipment)) return;
    if (this.cancellation !== undefined) {
      const what = `is with ${dispatch.carrier}, ${dispatch.trackingNumber}: call it back`;
      await this.tellOfStray(shipment, 'dispatched-after-end', what);
    } else if (!this.dispatches.has(shipment)) this.dispatches.set(shipment, dispatch);
  }

  /** What is over, and is still giving back, sees the parcel no more: after its end intake would say so. */
  private async tellOfStray(shipment: string, reason: Notice['reason'], what: string) {
    if (!patched('strays-are-told')) return;
    const { orderId } = this.input.order;
    const text = `Order ${orderId} is cancelled, and its parcel ${shipment} ${what}.`;
    await CancellationScope.nonCancellable(() =>
      tellOperators({ orderId, shipment, reason, text }),
    );
  }

  private cancel(asked: CancellationRequest): OrderStatus {
    this.cancellation ??= asked;
    this.calledOff?.cancel();
    return 'cancelled';
  }

  private decide(asked: ApprovalDecision): void {
    this.approval = { ...asked, at: now() };
  }

  private validate(
    code: 'CancellationInvalid' | 'AddressInvalid',
    detail: string | undefined,
  ): void {
    if (detail !== undefined) throw refusal(new OrderlyError(code, { detail }));
    if (!this.isOpen) this.refuseAsDecided(this.life.status);
  }

  private refuseAsDecided(status: OrderStatus): never {
    const { orderId } = this.input.order;
    throw refusal(new OrderlyError('OrderDecided', { orderId, status }));
  }

  private validateDecision(asked: ApprovalDecision): void {
    const detail = approvalFault(asked);
    if (detail !== undefined) throw refusal(new OrderlyError('ApprovalInvalid', { detail }));
    const { status } = this.life;
    const isAwaited = status === 'awaiting-approval' && this.cancellation === undefined;
    if (isAwaited && this.approval === undefined) return;
    const { orderId } = this.input.order;
    throw refusal(new OrderlyError('ApprovalNotAwaited', { orderId, status }));
  }
}

const refusal = ({ code, message, parameters }: OrderlyError): ApplicationFailure =>
  ApplicationFailure.nonRetryable(message, code, parameters);
