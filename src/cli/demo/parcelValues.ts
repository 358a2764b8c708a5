/**
 * What the parcels of an order are worth, from its announcement, worked out anew: the checks of the
 * demonstration share no code with the workflow that they check.
 */
import type { OrderConfirmed } from '../../messages/orderConfirmed';

/**
 * Minor units by shipment. Every piece has the price of its line; pieces of a product that is ordered in
 * several lines go out in the order of the lines, and of the shipments.
 */
export function parcelValues({
  products,
  shipments = [],
}: Pick<OrderConfirmed, 'products' | 'shipments'>): Map<string, number> {
  const lines = new Map<string, { left: number; readonly price: number }[]>();
  for (const { productCode, quantity, unitPrice } of products) {
    const line = { left: quantity, price: unitPrice };
    lines.set(productCode, [...(lines.get(productCode) ?? []), line]);
  }
  const take = (productCode: string, quantity: number): number => {
    let value = 0;
    let missing = quantity;
    for (const line of lines.get(productCode) ?? []) {
      const pieces = Math.min(line.left, missing);
      line.left -= pieces;
      missing -= pieces;
      value += pieces * line.price;
    }
    return missing > 0 ? Number.NaN : value;
  };
  return new Map(
    shipments.map(({ shipment, products: contents }) => [
      shipment,
      contents.reduce((sum, { productCode, quantity }) => sum + take(productCode, quantity), 0),
    ]),
  );
}
