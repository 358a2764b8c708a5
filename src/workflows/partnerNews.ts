/** What the warehouse, the carrier and the stock tell an order while it lives. */
import { CancellationScope, patched, setHandler } from '@temporalio/workflow';
import type { Dispatch } from '../domain/shipping';
import { dispatchedSignal, packedSignal, stockReservedSignal } from './orderInterface';
import type { OrderLife } from './orderLife';
import { type Notice, tellOperators } from './tell';

export class PartnerNews {
  /** Whether the stock that the order waits for may have come since this was last set back. */
  stockReserved = false;
  private readonly packed = new Set<string>();
  private readonly dispatches = new Map<string, Dispatch>();

  constructor(private readonly life: OrderLife) {
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

  /** Tells operators of what was packed or sent of an order before that was given up. */
  async tellOfKept(): Promise<void> {
    if (this.life.givenUp === undefined) return;
    const packed = [...this.packed].filter(shipment => this.hasOrMayHave(shipment));
    const dispatches = [...this.dispatches.values()].filter(({ shipment }) =>
      this.hasOrMayHave(shipment),
    );
    await Promise.all([
      ...packed.map(shipment => this.tellOfPacked(shipment)),
      ...dispatches.map(dispatch => this.tellOfDispatched(dispatch)),
    ]);
  }

  private wake(): void {
    this.stockReserved = true;
  }

  private async pack(shipment: string): Promise<void> {
    if (!this.isHeard(shipment)) return;
    if (this.life.givenUp) await this.tellOfPacked(shipment);
    else this.packed.add(shipment);
  }

  private async keep(dispatch: Dispatch): Promise<void> {
    const { shipment } = dispatch;
    if (!this.isHeard(shipment)) return;
    if (this.life.givenUp) await this.tellOfDispatched(dispatch);
    else if (!this.dispatches.has(shipment)) this.dispatches.set(shipment, dispatch);
  }

  /**
   * Before it is confirmed an order does not know its parcels, and nor do its partners, but where it was reset:
   * the run before had them.
   */
  private hasOrMayHave(shipment: string): boolean {
    const { parcels } = this.life;
    return parcels.length === 0 || parcels.some(parcel => parcel.shipment === shipment);
  }

  private isHeard(shipment: string): boolean {
    if (!this.life.isFulfilled || !this.hasOrMayHave(shipment)) return false;
    return this.life.parcels.length > 0 || patched('early-news-is-kept');
  }

  private tellOfPacked(shipment: string): Promise<void> {
    return this.tellOfStray(shipment, 'packed-after-end', 'is packed: have it unpacked');
  }

  private tellOfDispatched({ shipment, carrier, trackingNumber }: Dispatch): Promise<void> {
    const what = `is with ${carrier}, ${trackingNumber}: call it back`;
    return this.tellOfStray(shipment, 'dispatched-after-end', what);
  }

  /** What is over, and is still giving back, sees the parcel no more: after its end intake would say so. */
  private async tellOfStray(shipment: string, reason: Notice['reason'], what: string) {
    if (!patched('strays-are-told')) return;
    const { orderId, givenUp } = this.life;
    const text = `Order ${orderId} is ${givenUp}, and its parcel ${shipment} ${what}.`;
    await CancellationScope.nonCancellable(() =>
      tellOperators({ orderId, shipment, reason, text }),
    );
  }
}
