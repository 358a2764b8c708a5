/** The account that promise 1 asks for: what must stand durably for each record of `OrderReceived`. */
import { withWorkflow } from './orders';
import { originOf, refusalEventId, type Sent } from './submissions';
import { deadLetterOrigins, eventIds } from './topics';
import type { World } from './world';

export type Fate = 'accepted' | 'duplicate' | 'conflict' | 'bad';

/**
 * What must become of each record, judged by the test's own rules. Which of an order's submissions came
 * first is read from the register; a redelivery of that one shares its fate.
 */
export async function fatesOf(world: World, all: readonly Sent[]): Promise<Map<Sent, Fate>> {
  const rows = await world.sql<{ order_id: string; origin: string }>(
    'SELECT order_id, origin FROM orders',
  );
  const accepted = new Map(rows.map(row => [row.order_id, row.origin]));
  const content = new Map(all.map(sent => [originOf(sent), sent.value]));
  const fateOf = (sent: Sent): Fate => {
    if (sent.orderId === undefined) return 'bad';
    const origin = accepted.get(sent.orderId);
    if (origin === undefined || origin === originOf(sent)) return 'accepted';
    return content.get(origin) === sent.value ? 'duplicate' : 'conflict';
  };
  return new Map(all.map(sent => [sent, fateOf(sent)]));
}

/** Where a record stands: `partition/offset`. */
export const placeOf = ({ partition, offset }: Sent): string => `${partition}/${offset}`;

/** Whether a fate needs a dead letter, and whether it needs an event on `InventoryErrors`. */
export const needsLetter = (fate: Fate): boolean => fate === 'bad' || fate === 'conflict';
export const needsEvent = (fate: Fate): boolean => fate === 'duplicate' || fate === 'conflict';

/**
 * The records for which something is missing, each with what.
 * @param all everything that was sent, of which `sent` may be a part
 */
export async function missingFor(
  world: World,
  sent: readonly Sent[],
  all: readonly Sent[] = sent,
): Promise<string[]> {
  const orderIds = new Set(sent.flatMap(({ orderId }) => orderId ?? []));
  const [fates, workflows, letters, errors] = await Promise.all([
    fatesOf(world, all),
    withWorkflow(world, orderIds),
    deadLetterOrigins(world),
    eventIds(world, 'InventoryErrors'),
  ]);
  return sent.flatMap(record => {
    const place = placeOf(record);
    const fate = fates.get(record)!;
    const missing: string[] = [];
    if (record.orderId !== undefined && !workflows.has(record.orderId)) missing.push('workflow');
    if (needsLetter(fate) && !letters.has(place)) missing.push('dead letter');
    if (needsEvent(fate) && !errors.has(refusalEventId(record))) missing.push('KPI event');
    return missing.map(what => `${place} (${fate}) has no ${what}`);
  });
}
