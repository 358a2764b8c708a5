import { randomUUID } from 'node:crypto';
import { Client, Connection, ScheduleOverlapPolicy } from '@temporalio/client';
import { ensureSchedules, scheduleIdOf } from '../../src/watcher/schedules';
import { testServers } from '../support/servers';

let connection: Connection;
let client: Client;
beforeAll(async () => {
  connection = await Connection.connect({ address: testServers().temporalAddress });
  client = new Client({ connection });
});
afterAll(() => connection?.close());

it('the schedules are made as they are to be, however often and by however many watchers at once', async () => {
  const taskQueue = `watcher-${randomUUID()}`;
  const passes = ['reconcile-shallow', 'reconcile-deep', 'sweep'] as const;
  const handles = passes.map(pass => client.schedule.getHandle(scheduleIdOf(taskQueue, pass)));
  try {
    await Promise.all([1, 2, 3].map(() => ensureSchedules(client, taskQueue)));
    await handles[0]!.pause('by hand');
    await handles[1]!.update(previous => ({ ...previous, spec: {} }));
    await ensureSchedules(client, taskQueue);

    const [shallow, deep, swept] = await Promise.all(handles.map(handle => handle.describe()));
    expect(shallow).toMatchObject({
      spec: { intervals: [{ every: 60_000 }] },
      policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: 60_000 },
      action: { workflowType: 'reconcile', taskQueue, args: [{ depth: 'shallow' }] },
      state: { paused: true },
    });
    expect(deep).toMatchObject({
      spec: { calendars: [{ hour: [{ start: 3, end: 3 }] }] },
      policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: 6 * 3_600_000 },
      action: { workflowType: 'reconcile', taskQueue, args: [{ depth: 'deep' }] },
      state: { paused: false },
    });
    expect(swept).toMatchObject({
      spec: { intervals: [{ every: 300_000 }] },
      action: { workflowType: 'sweep', taskQueue },
    });
  } finally {
    await Promise.all(handles.map(handle => handle.delete()));
  }
});
