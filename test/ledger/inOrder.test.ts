import type { IncomingRecord } from '../../src/kafka/record';
import { inOrder } from '../../src/ledger/inOrder';
import { kpiHeartbeat } from '../../src/messages/kpiHeartbeat';
import { incomingRecord } from '../support/records';

/** What a ledger reads, with events that are counted when the test says so. */
function setUp() {
  const done: string[] = [];
  let count = () => {};
  let refuse = (_: Error) => {};
  const handle = inOrder({
    events: () =>
      new Promise((resolve, reject) => {
        count = () => {
          done.push('counted');
          resolve();
        };
        refuse = reject;
      }),
    heartbeats: async () => void done.push('noted'),
  });
  return { done, handle, count: () => count(), refuse: (reason: Error) => refuse(reason) };
}

const event: IncomingRecord = { ...incomingRecord({}), topic: 'Revenue' };
const heartbeat: IncomingRecord = { ...incomingRecord({}), topic: kpiHeartbeat.topic };
const turns = () => new Promise(resolve => setImmediate(() => setImmediate(resolve)));

describe('a heartbeat', () => {
  it.each([
    ['before', [heartbeat, event]],
    ['after', [event, heartbeat]],
  ])('that came %s an event in one fetch is noted once that is counted', async (_, records) => {
    const { done, handle, count } = setUp();
    const handled = records.map(handle);
    await turns();
    expect(done).toEqual([]);
    count();
    await Promise.all(handled);
    expect(done).toEqual(['counted', 'noted']);
  });

  it('that came alone is noted at once', async () => {
    const { done, handle } = setUp();
    await handle(heartbeat);
    expect(done).toEqual(['noted']);
  });

  it('is noted though the events that came with it were not counted', async () => {
    const { done, handle, refuse } = setUp();
    const handled = [event, heartbeat].map(handle);
    await turns();
    refuse(new Error('the process stops'));
    const outcomes = await Promise.allSettled(handled);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
    expect(done).toEqual(['noted']);
  });
});
