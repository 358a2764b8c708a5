/**
 * The books of a warehouse: which parcels it was asked for, and what became of them.
 * At every moment: received = picking + packed + cancelled + returned.
 */
import { Journal } from './journal';
import { now } from './refusal';
import type { WarehouseSums } from './sums';

export interface Parcel {
  readonly orderId: string;
  readonly shipment: string;
  /** Returned: unpacked again, because its order was cancelled too late. */
  readonly status: 'picking' | 'packed' | 'cancelled' | 'returned';
  readonly packedAt?: string;
  /** Whether the message of its packing has reached Kafka. */
  readonly told: boolean;
}

type ParcelName = Pick<Parcel, 'orderId' | 'shipment'>;

export type Packed = Parcel & { readonly packedAt: string };

type Entry = { readonly orderId: string; readonly at: string } & (
  | { readonly kind: 'order'; readonly shipments: readonly string[] }
  | { readonly kind: 'cancel' }
  | { readonly kind: 'pack'; readonly shipment: string }
  | { readonly kind: 'told'; readonly shipment: string }
);

export class WarehouseBooks {
  /** By order, then by shipment. */
  private readonly orders = new Map<string, Map<string, Parcel>>();
  private readonly cancelledOrders = new Set<string>();
  private readonly journal: Journal<Entry>;

  /** @throws OrderlyError PartnerBooksUnreadable */
  constructor(path: string) {
    this.journal = new Journal(path, entry => this.apply(entry));
  }

  /** Takes an order; answers with the parcels to pick: none for one that is known, or was cancelled. */
  receive(orderId: string, shipments: readonly string[]): ParcelName[] {
    if (this.orders.has(orderId)) return [];
    this.journal.add({ kind: 'order', orderId, shipments, at: now() });
    return this.parcelsOf(orderId).filter(({ status }) => status === 'picking');
  }

  /** Stops picking an order, and unpacks what is packed. An order that is not known yet is never picked. */
  cancel(orderId: string): void {
    if (this.cancelledOrders.has(orderId)) return;
    this.journal.add({ kind: 'cancel', orderId, at: now() });
  }

  isPicking({ orderId, shipment }: ParcelName): boolean {
    return this.orders.get(orderId)?.get(shipment)?.status === 'picking';
  }

  /** Packs a parcel that is picked; answers with it where that is to be told. */
  pack({ orderId, shipment }: ParcelName): Packed | undefined {
    if (this.isPicking({ orderId, shipment })) {
      this.journal.add({ kind: 'pack', orderId, shipment, at: now() });
    }
    const parcel = this.orders.get(orderId)?.get(shipment);
    return parcel !== undefined && isPacked(parcel) && !parcel.told ? parcel : undefined;
  }

  told({ orderId, shipment }: ParcelName): void {
    this.journal.add({ kind: 'told', orderId, shipment, at: now() });
  }

  /** What is being picked, or packed and not told yet. */
  open(): ParcelName[] {
    return [...this.orders.keys()]
      .flatMap(orderId => this.parcelsOf(orderId))
      .filter(parcel => parcel.status === 'picking' || (isPacked(parcel) && !parcel.told));
  }

  sums(): WarehouseSums {
    const sums = { received: 0, picking: 0, packed: 0, cancelled: 0, returned: 0 };
    for (const parcels of this.orders.values()) {
      for (const { status } of parcels.values()) {
        sums.received++;
        sums[status]++;
      }
    }
    return sums;
  }

  close(): void {
    this.journal.close();
  }

  private parcelsOf(orderId: string): Parcel[] {
    return [...(this.orders.get(orderId)?.values() ?? [])];
  }

  private apply(entry: Entry): void {
    const { orderId } = entry;
    if (entry.kind === 'order') {
      const status = this.cancelledOrders.has(orderId) ? 'cancelled' : 'picking';
      const parcels = entry.shipments.map(
        shipment => [shipment, { orderId, shipment, status, told: false } as const] as const,
      );
      this.orders.set(orderId, new Map(parcels));
    } else if (entry.kind === 'cancel') {
      this.cancelledOrders.add(orderId);
      for (const parcel of this.parcelsOf(orderId)) {
        const status = parcel.status === 'packed' ? 'returned' : 'cancelled';
        this.change(parcel, { status });
      }
    } else if (entry.kind === 'pack') {
      this.change(entry, { status: 'packed', packedAt: entry.at });
    } else {
      this.change(entry, { told: true });
    }
  }

  private change({ orderId, shipment }: ParcelName, change: Partial<Parcel>): void {
    const parcels = this.orders.get(orderId);
    const parcel = parcels?.get(shipment);
    if (parcel !== undefined) parcels?.set(shipment, { ...parcel, ...change });
  }
}

const isPacked = (parcel: Parcel): parcel is Packed => parcel.packedAt !== undefined;
