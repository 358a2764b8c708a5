/** Memory of the roles while many orders pass, as the operating system counts it (RSS). */
import type { Bench, Figure } from '../section';
import { submit } from '../support/blocks';
import { withRoles } from '../support/child';
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
    const closed = () => worker.metric('temporal_workflow_completed');
    const figures: Figure[] = [];
    let sent = 0;
    for (const mark of marks.map(share => Math.round(share * scale.memoryOrders))) {
      while (sent < mark) {
        const orders = Math.min(underWay / 2, mark - sent);
        await submit(stage, makeOrders(orders));
        sent += orders;
        await until(async () => sent - (await closed()) <= underWay / 2, 'room', 500);
      }
      await until(async () => (await closed()) >= mark, `${mark} orders to close`, 500);
      const memoryOf = { 'order-worker': rssMiB(worker.pid), intake: rssMiB(roles.intake.pid) };
      note(`${mark} orders: ${JSON.stringify(memoryOf)}`);
      for (const [name, value] of Object.entries(memoryOf)) {
        figures.push({ what: `${name} after ${mark} orders`, value, unit: 'MiB' });
      }
    }
    return figures;
  });
}
