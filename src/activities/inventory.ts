/** The inventory, as a workflow calls it. Short stock and unknown products are answers, not failures. */
import type { Reservations } from '../postgres/reservations';
import { withFailures } from './failure';

/** Both activities may be repeated: an order's stock is taken once and given back once. */
export function createInventoryActivities({ reservations }: { reservations: Reservations }) {
  return {
    reserveStock: withFailures(reservations.reserve),
    releaseStock: withFailures(reservations.release),
  };
}

export type InventoryActivities = ReturnType<typeof createInventoryActivities>;
