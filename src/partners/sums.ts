/** What the books of each partner tell, and what must hold in them at every moment. */
import { z } from 'zod';

const byCurrency = z.record(
  z.string(),
  z.object({
    amount: z.int().describe('In minor units of the currency.'),
    count: z.int().describe('How many there were.'),
  }),
);

/** All but `held` are counted as they happen; `held` is what is open now. */
export const paymentSums = z.object({
  authorized: byCurrency,
  declined: byCurrency,
  captured: byCurrency,
  voided: byCurrency,
  refunded: byCurrency,
  held: byCurrency,
});

const parcels = z.int().describe('How many parcels.');

export const carrierSums = z.object({
  booked: parcels,
  waiting: parcels,
  dispatched: parcels,
  cancelled: parcels,
  refused: parcels,
});

export const warehouseSums = z.object({
  received: parcels,
  picking: parcels,
  packed: parcels,
  cancelled: parcels,
  returned: parcels,
});

/** Minor units, and how many there were, by currency. */
export type Sums = Readonly<z.output<typeof byCurrency>>;
export type PaymentSums = Readonly<z.output<typeof paymentSums>>;
export type CarrierSums = Readonly<z.output<typeof carrierSums>>;
export type WarehouseSums = Readonly<z.output<typeof warehouseSums>>;

/** What does not add up at a payment provider, in words; empty where all does. */
export function paymentFaults(sums: PaymentSums): string[] {
  const currencies = new Set(Object.values(sums).flatMap(Object.keys));
  return [...currencies].flatMap(currency => {
    const of = (kind: keyof PaymentSums) => sums[kind][currency]?.amount ?? 0;
    return [
      ...unequal(`${currency}: authorized`, of('authorized'), {
        captured: of('captured'),
        voided: of('voided'),
        held: of('held'),
      }),
      ...(of('refunded') > of('captured')
        ? [`${currency}: refunded ${of('refunded')} of captured ${of('captured')}`]
        : []),
    ];
  });
}

/** What does not add up at a carrier, in words; empty where all does. */
export const carrierFaults = ({ booked, waiting, dispatched, cancelled }: CarrierSums): string[] =>
  unequal('booked', booked, { waiting, dispatched, cancelled });

/** What does not add up at a warehouse, in words; empty where all does. */
export const warehouseFaults = ({ received, ...parts }: WarehouseSums): string[] =>
  unequal('received', received, parts);

function unequal(name: string, whole: number, parts: Readonly<Record<string, number>>): string[] {
  const sum = Object.values(parts).reduce((before, part) => before + part, 0);
  const words = Object.entries(parts).map(([part, value]) => `${part} ${value}`);
  return sum === whole ? [] : [`${name} ${whole} is not ${words.join(' + ')}`];
}
