/**
 * Memory of the roles while many orders pass: as the operating system counts it (RSS), which goes up and
 * down with the young generation, and the old generation of their main threads at its lowest since the
 * mark before, which is what has not been let go.
 */
import type { Bench, Figure } from '../section';
import { submit } from '../support/blocks';
import { type Role, withRoles } from '../support/child';
import { makeOrders } from '../support/orders';
import { rssMiB } from '../support/proc';
import { until } from '../support/until';

/** Orders that are on their way at once. */
const underWay = 200;

/** Of all orders: 1,000, 10,000 and 20,000 of 20,000. */
const marks = [0.05, 0.5, 1];

export function memory({ stage, scale, note }: Bench): Promise<Figure[]> {
  return withRoles(['intake', 'order-worker'], stage.env, async roles => {
    const worker = roles['order-worker'];
    const named = Object.entries(roles);
    const closed = () => worker.metric('temporal_workflow_completed');
    const figures: Figure[] = [];
    let sent = 0;
    for (const mark of marks.map(share => Math.round(share * scale.memoryOrders))) {
      const lowest = new Map(named.map(([name]) => [name, Infinity]));
      while (sent < mark) {
        const orders = Math.min(underWay / 2, mark - sent);
        await submit(stage, makeOrders(orders));
        sent += orders;
        await until(async () => sent - (await closed()) <= underWay / 2, 'room', 500);
        for (const [name, role] of named) {
          lowest.set(name, Math.min(lowest.get(name)!, await oldGenerationMiB(role)));
        }
      }
      await until(async () => (await closed()) >= mark, `${mark} orders to close`, 500);
      for (const [name, { pid }] of named) {
        const after = `${name} after ${mark} orders`;
        const [rss, old] = [rssMiB(pid), lowest.get(name)!];
        note(`${after}: ${rss.toFixed(0)} MiB, of which ${old.toFixed(1)} old`);
        figures.push({ what: after, value: rss, unit: 'MiB' });
        figures.push({ what: `old generation of ${after}`, value: old, unit: 'MiB' });
      }
    }
    return figures;
  });
}

const oldGenerationMiB = async (role: Role): Promise<number> =>
  (await role.metric('nodejs_heap_space_size_used_bytes', 'space="old"')) / 2 ** 20;
