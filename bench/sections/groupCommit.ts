/** Reservations by group commit against one transaction per order. */
import { benchReservations, type ReservationFigures } from '../reservations';
import type { Bench, Figure } from '../section';

export async function groupCommit({ stage }: Bench): Promise<Figure[]> {
  const { spread, hot } = await benchReservations(stage.adminUrl);
  return [...figures('1,000 products', spread), ...figures('one hot product', hot)];
}

const figures = (
  where: string,
  { grouped, alone, ratio }: ReservationFigures['spread'],
): Figure[] => [
  {
    what: `${where}: group commit / one by one`,
    value: ratio,
    unit: 'ratio',
    goal: { atLeast: 8 },
  },
  { what: `${where}: group commit`, value: grouped.ordersPerSecond, unit: 'orders/s' },
  { what: `${where}: one by one`, value: alone.ordersPerSecond, unit: 'orders/s' },
];
