/** What customers and operators ask of an order while it lives. */
import {
  ApplicationFailure,
  CancellationScope,
  isCancellation,
  setHandler,
} from '@temporalio/workflow';
import { type Approval, type ApprovalDecision, approvalFault } from '../domain/approval';
import { type CancellationRequest, cancellationFault } from '../domain/decision';
import type { OrderInput } from '../domain/orderInput';
import { mayBeCancelled, type OrderStatus } from '../domain/orderStatus';
import { addressFault } from '../domain/requests';
import { OrderlyError } from '../errors';
import { cancelUpdate, changeAddressUpdate, decideUpdate } from './orderInterface';
import type { OrderLife } from './orderLife';
import type { PartnerNews } from './partnerNews';
import { now } from './tell';

export class OrderRequests {
  approval: Approval | undefined;
  address: OrderInput['order']['customer']['shippingAddress'];
  private calledOff: CancellationScope | undefined;

  /** @param temporal the scope that Temporal's own Cancel cancels */
  constructor(
    private readonly input: OrderInput,
    private readonly life: OrderLife,
    private readonly news: PartnerNews,
    temporal: CancellationScope,
  ) {
    this.address = input.order.customer.shippingAddress;
    this.hearCustomers();
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
      if (this.life.cancellation !== undefined) return undefined;
      const done = await scope.run(steps);
      return this.life.cancellation === undefined ? done : undefined;
    } catch (failure) {
      if (isCancellation(failure) && this.life.cancellation !== undefined) return undefined;
      throw failure;
    }
  }

  /** Whether it can still be cancelled, and its address be changed. */
  private get isOpen(): boolean {
    const { status, isFulfilled } = this.life;
    return mayBeCancelled(status, isFulfilled) && !this.news.isAnyPacked;
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
          if (this.life.cancellation !== undefined) this.refuseAsDecided('cancelled');
        },
      },
    );
  }

  private cancel(asked: CancellationRequest): OrderStatus {
    this.life.calledOff(asked);
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
    const isAwaited = status === 'awaiting-approval' && this.life.cancellation === undefined;
    if (isAwaited && this.approval === undefined) return;
    const { orderId } = this.input.order;
    throw refusal(new OrderlyError('ApprovalNotAwaited', { orderId, status }));
  }
}

const refusal = ({ code, message, parameters }: OrderlyError): ApplicationFailure =>
  ApplicationFailure.nonRetryable(message, code, parameters);
