/** The inventory, as a workflow calls it. Short stock and unknown products are answers, not failures. */
import type { Reservations } from '../postgres/reservations';
import { withFailures } from './failure';

/** All activities may be repeated: stock is taken once, and given back or shipped once. */
export function createInventoryActivities({ reservations }: { reservations: Reservations }) {
  return {
    reserveStock: withFailures(reservations.reserve),
    releaseStock: withFailures(reservations.release),
    shipStock: withFailures(reservations.ship),
    returnParcel: withFailures(reservations.returnParcel),
  };
}

export type InventoryActivities = ReturnType<typeof createInventoryActivities>;
