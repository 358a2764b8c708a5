/** What is free of each product, and where, while orders are decided one after the other. */
import { pickParcels } from './picking';
import type { Parcel, StockLine } from './shipping';

/** What lies at one location; `reserved` of the `onHand` pieces are spoken for. */
export interface Shelf {
  readonly location: string;
  readonly onHand: number;
  readonly reserved: number;
}

/** One product: `price` in minor units of `currency`; `backOrdered` pieces are for orders that wait. */
export interface Product {
  readonly productCode: string;
  readonly price: number;
  readonly currency: string;
  readonly backOrdered: number;
  readonly locations: readonly Shelf[];
}

interface Free {
  /** Pieces that no order has or waits for; below nothing where more are waited for than lie there. */
  pieces: number;
  /** Pieces that no order has, by location. */
  readonly at: Map<string, number>;
}

export class FreeStock {
  private readonly products: ReadonlyMap<string, Free>;

  constructor(products: readonly Product[]) {
    this.products = new Map(
      products.map(product => {
        const at = new Map(product.locations.map(shelf => [shelf.location, unreserved(shelf)]));
        const pieces = [...at.values()].reduce((sum, free) => sum + free, -product.backOrdered);
        return [product.productCode, { pieces, at }];
      }),
    );
  }

  /** Pieces for whoever comes next; none of a product that is unknown. */
  pieces(productCode: string): number {
    return this.products.get(productCode)?.pieces ?? 0;
  }

  /** Takes what lies there, and says in which parcels it is picked. */
  take(wants: readonly StockLine[]): Parcel[] {
    const parcels = pickParcels(wants, productCode => this.of(productCode).at);
    for (const { location, products } of parcels) {
      for (const { productCode, quantity } of products) {
        const free = this.of(productCode);
        free.pieces -= quantity;
        free.at.set(location, (free.at.get(location) ?? 0) - quantity);
      }
    }
    return parcels;
  }

  /** Keeps it from whoever comes next, wherever it lies and whether or not it has come yet. */
  setAside(wants: readonly StockLine[]): void {
    for (const { productCode, quantity } of wants) this.of(productCode).pieces -= quantity;
  }

  private of(productCode: string): Free {
    const free = this.products.get(productCode);
    if (free === undefined) throw new Error(`product ${productCode} was not read`);
    return free;
  }
}

const unreserved = ({ onHand, reserved }: { onHand: number; reserved: number }): number =>
  onHand - reserved;
