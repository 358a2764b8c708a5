/** Serving orders that wait for stock: by those served, not by those waiting. */
import { benchBackOrders } from '../backOrders';
import type { Bench, Figure } from '../section';

export async function backOrders({ stage }: Bench): Promise<Figure[]> {
  const { ratio, fewMs, manyMs, ordersPerSecond } = await benchBackOrders(stage.adminUrl);
  return [
    {
      what: 'serving 100 orders: 10,000 waiting / 200 waiting',
      value: ratio,
      unit: 'ratio',
      goal: { atMost: 1.5 },
    },
    { what: 'serving 100 of 200 waiting orders', value: fewMs, unit: 'ms' },
    { what: 'serving 100 of 10,000 waiting orders', value: manyMs, unit: 'ms' },
    {
      what: '10,000 waiting orders, replenished to reserved',
      value: ordersPerSecond,
      unit: 'orders/s',
    },
  ];
}
