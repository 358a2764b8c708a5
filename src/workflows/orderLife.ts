/** The visible life of one order: its status and history, for queries, search attributes and the UI. */

import type { SearchAttributeUpdatePair } from '@temporalio/common';
import { setHandler, upsertSearchAttributes } from '@temporalio/workflow';
import type { Approval } from '../domain/approval';
import type { CancellationRequest, Decision } from '../domain/decision';
import type {
  CompensationDone,
  OrderInput,
  OrderResult,
  OrderSnapshot,
} from '../domain/orderInput';
import {
  isOutcome,
  mayFollow,
  type OrderOutcome,
  type OrderStatus,
  type StatusChange,
} from '../domain/orderStatus';
import { orderSearchAttributes } from '../domain/searchAttributes';
import type { ParcelState } from '../domain/shipping';
import { statusQuery } from './orderInterface';
import { now, showStatus } from './tell';

/** What an order has come to, beside its status. */
type Facts = Omit<OrderSnapshot, 'orderId' | 'status' | 'receivedAt' | 'currency' | 'history'>;

export class OrderLife {
  private readonly history: StatusChange[];
  private facts: Facts = {};
  /** What it would cost, in minor units. Searchable, and in its result, only once it is confirmed. */
  private price: number | undefined;
  private published: readonly SearchAttributeUpdatePair[] = [];

  constructor(private readonly input: OrderInput) {
    this.history = [{ status: 'received', at: input.receivedAt }];
    setHandler(statusQuery, () => this.snapshot(), {
      description:
        'Where the order stands: its history, total, payment, parcels and what was taken back.',
    });
    showStatus('received', input.receivedAt);
  }

  get status(): OrderStatus {
    return this.history.at(-1)!.status;
  }

  get orderId(): string {
    return this.input.order.orderId;
  }

  /** The first that was accepted. From then on nothing else is. */
  get cancellation(): CancellationRequest | undefined {
    return this.facts.cancellation;
  }

  /** Whether its parcels are followed; without that it rests once it is confirmed. */
  get isFulfilled(): boolean {
    return this.input.plan?.fulfilment !== undefined;
  }

  /** As what nothing of it will be sent, though it may still give back what it held. */
  get givenUp(): OrderOutcome | undefined {
    const { status } = this;
    const isOver = this.parcels.length === 0 && isOutcome(status) && status !== 'confirmed';
    if (isOver) return status;
    return this.cancellation && 'cancelled';
  }

  /** None before the order is confirmed, and none where the order does not follow them. */
  get parcels(): readonly ParcelState[] {
    return this.facts.parcels ?? [];
  }

  /** Enters the decided status; answers with its time, RFC 3339. */
  decide(decision: Decision): string {
    if (decision.outcome === 'confirmed') {
      const { total, parcels } = decision;
      this.facts = { ...this.facts, total };
      if (this.isFulfilled && parcels)
        this.facts = { ...this.facts, parcels: parcels.map(picking) };
    }
    if (decision.outcome === 'rejected') {
      const { refusals, cause } = decision;
      this.facts = { ...this.facts, refusals, ...(cause && { cause }) };
    }
    if (decision.outcome === 'cancelled') this.calledOff(decision.request);
    return this.enter(decision.outcome);
  }

  /** Enters a status that the order's life allows now; answers with its time, RFC 3339. */
  enter(status: OrderStatus, details = ''): string {
    if (!mayFollow(this.status, status)) {
      throw new TypeError(`An order that is ${this.status} can not become ${status}`);
    }
    const at = now();
    this.history.push({ status, at });
    if (status === 'cancelled') this.stopPicking();
    showStatus(status, at, details);
    return at;
  }

  priced(total: number): void {
    this.price = total;
  }

  approval(approval: Approval): void {
    this.facts = { ...this.facts, approval };
  }

  calledOff(cancellation: CancellationRequest): void {
    this.facts = { ...this.facts, cancellation: this.cancellation ?? cancellation };
  }

  paidBy(provider: string): void {
    this.facts = { ...this.facts, provider };
  }

  /** Parcels tell theirs when they have ended, so what comes last may have been done before. */
  compensated(done: CompensationDone): void {
    const compensations = [...(this.facts.compensations ?? []), done];
    compensations.sort((one, other) => Date.parse(one.at) - Date.parse(other.at));
    this.facts = { ...this.facts, compensations };
  }

  /** Notes how far a parcel is. */
  parcel(shipment: string, change: Partial<ParcelState>): void {
    const parcels = this.facts.parcels?.map(parcel =>
      parcel.shipment === shipment ? { ...parcel, ...change } : parcel,
    );
    this.facts = { ...this.facts, ...(parcels && { parcels }) };
  }

  /**
   * Makes the status searchable. Only where the order comes to rest, and where it goes on after that: in
   * mid-stride it would cost the server a write that the next one overtakes. Nothing where it is already.
   */
  publish(): void {
    const status = { key: orderSearchAttributes.status, value: this.status };
    const { total } = this.facts;
    const pairs: SearchAttributeUpdatePair[] =
      total === undefined ? [status] : [status, { key: orderSearchAttributes.total, value: total }];
    const isPublished = pairs.every(({ value }, index) => this.published[index]?.value === value);
    if (isPublished) return;
    this.published = pairs;
    upsertSearchAttributes(pairs);
  }

  /** @param endedAt RFC 3339 */
  result(endedAt: string): OrderResult {
    const { orderId, currency } = this.input.order;
    const { status: outcome } = this;
    if (!isOutcome(outcome)) throw new TypeError(`An order that is ${outcome} has no result`);
    const { total, refusals, cause } = this.facts;
    return {
      orderId,
      outcome,
      currency,
      ...(total !== undefined && { total }),
      ...(refusals && { refusals }),
      ...(cause && { cause }),
      endedAt,
    };
  }

  private stopPicking(): void {
    for (const { shipment, status } of this.parcels) {
      if (status === 'picking') this.parcel(shipment, { status: 'cancelled' });
    }
  }

  private snapshot(): OrderSnapshot {
    const { order, receivedAt } = this.input;
    const { orderId, currency } = order;
    const { status, history, price } = this;
    const total = price !== undefined && { total: price };
    return { orderId, status, receivedAt, currency, ...total, ...this.facts, history };
  }
}

const picking = ({ shipment, location }: Pick<ParcelState, 'shipment' | 'location'>) =>
  ({ shipment, location, status: 'picking' }) as const;
