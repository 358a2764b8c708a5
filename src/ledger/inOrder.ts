import { setImmediate as turn } from 'node:timers/promises';
import type { IncomingRecord } from '../kafka/record';
import { kpiHeartbeat } from '../messages/kpiHeartbeat';

export interface Handlers {
  /** Answers many records with one promise, and each later one not before those before it. */
  readonly events: (record: IncomingRecord) => Promise<void>;
  readonly heartbeats: (record: IncomingRecord) => Promise<void>;
}

/**
 * The handler of one record of all that a ledger reads. What vouches for events is noted when those that came
 * with it are counted: noted before, it would tell nothing until the next one.
 */
export function inOrder({ events, heartbeats }: Handlers): Handlers['events'] {
  let counted = Promise.resolve();
  return record => {
    if (record.topic !== kpiHeartbeat.topic) {
      counted = events(record);
      return counted;
    }
    return noted(record);
  };

  async function noted(record: IncomingRecord): Promise<void> {
    // What the same fetch has brought is handed over in this turn of the event loop.
    await turn();
    // Whoever handed these events over hears by the same promise that they failed, and reads them again. Of this
    // heartbeat no more counts than the watermarks bear out, and without events it still says who lives.
    await counted.catch(() => {});
    await heartbeats(record);
  }
}
