/** The visible life of one order: its status and history, for queries, search attributes and the UI. */

import type { SearchAttributeUpdatePair } from '@temporalio/common';
import { setCurrentDetails, setHandler, upsertSearchAttributes } from '@temporalio/workflow';
import type { Decision } from '../domain/decision';
import type { OrderInput, OrderResult, OrderSnapshot } from '../domain/orderInput';
import { mayFollow, type OrderStatus, type StatusChange } from '../domain/orderStatus';
import { orderSearchAttributes } from '../domain/searchAttributes';
import { statusQuery } from './orderInterface';

export class OrderLife {
  private readonly history: StatusChange[];
  private outcome: Pick<OrderResult, 'total' | 'refusals'> = {};

  constructor(private readonly input: OrderInput) {
    this.history = [{ status: 'received', at: input.receivedAt }];
    setHandler(statusQuery, () => this.snapshot());
  }

  get status(): OrderStatus {
    return this.history.at(-1)!.status;
  }

  /** Enters the decided status, once and for all; `publish` makes it searchable. `at` is RFC 3339. */
  decide(decision: Decision, at: string): void {
    if (decision.outcome === 'confirmed') this.outcome = { total: decision.total };
    if (decision.outcome === 'rejected') this.outcome = { refusals: decision.refusals };
    this.enter(decision.outcome, at);
  }

  /** Enters a status that the order's life allows now. */
  enter(status: OrderStatus, at: string): void {
    if (!mayFollow(this.status, status)) {
      throw new TypeError(`An order that is ${this.status} can not become ${status}`);
    }
    this.history.push({ status, at });
    setCurrentDetails(`**${status}** since ${at}`);
  }

  /**
   * Makes the status searchable. Only where the order comes to rest: in mid-stride it would cost the
   * server a write that the next one overtakes.
   */
  publish(): void {
    upsertSearchAttributes(this.searchAttributes());
  }

  snapshot(): OrderSnapshot {
    const { order, receivedAt } = this.input;
    return {
      orderId: order.orderId,
      status: this.status,
      receivedAt,
      currency: order.currency,
      ...this.outcome,
      history: this.history,
    };
  }

  private searchAttributes(): SearchAttributeUpdatePair[] {
    const status = { key: orderSearchAttributes.status, value: this.status };
    if (this.outcome.total === undefined) return [status];
    return [status, { key: orderSearchAttributes.total, value: this.outcome.total }];
  }
}
