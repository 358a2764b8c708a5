/** Where one parcel stands: for the UI, for whoever is told that it is late, and for its order. */
import type { CompensationDone } from '../domain/orderInput';
import type { ShipmentInput } from '../domain/shipmentInput';
import type { Dispatch } from '../domain/shipping';
import { type Notice, now, showStatus } from './tell';

export class ParcelLife {
  /** What was taken back, in this order. */
  readonly compensations: CompensationDone[] = [];
  private readonly packedAt: string;
  private awaited = '';
  /** It will not be sent: what it held is being given back. */
  isGivenUp = false;

  constructor(private readonly input: ShipmentInput) {
    this.packedAt = input.packedAt ?? now();
  }

  /** It is packed, and goes on once somebody has done something. */
  waitsFor(awaited: string): void {
    this.awaited = awaited;
    showStatus('packed', this.packedAt, `waits for ${awaited}`);
  }

  ends(status: 'shipped' | 'failed', details: string): void {
    this.isGivenUp = status === 'failed';
    showStatus(status, now(), details);
  }

  overdue(): Notice {
    const text = `${this.name} is packed and not dispatched: it waits for ${this.awaited}. Ask there; see in its workflow what was tried.`;
    return this.notice('dispatch-overdue', text);
  }

  stuck(step: string): Notice {
    const text = `${this.name}: ${step} does not succeed. It goes on being tried; see why in its workflow.`;
    return this.notice('compensation-stuck', text);
  }

  lost(reason: string): Notice {
    const text = `${this.name} can not be sent: ${reason}. Its money and stock are given back; talk to the customer.`;
    return this.notice('shipment-failed', text.slice(0, 1_000));
  }

  stray({ carrier, trackingNumber }: Dispatch): Notice {
    const text = `${this.name} was given up, and is with ${carrier}, ${trackingNumber}: call it back.`;
    return this.notice('dispatched-after-end', text);
  }

  private get name(): string {
    return `Parcel ${this.input.parcel.shipment} of order ${this.input.order.orderId}`;
  }

  private notice(reason: Notice['reason'], text: string): Notice {
    const { order, parcel } = this.input;
    return { orderId: order.orderId, shipment: parcel.shipment, reason, text };
  }
}
