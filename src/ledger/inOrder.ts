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
    // Of events that are not counted it is not noted either that they are.
    await counted.catch(() => {});
    await heartbeats(record);
  }
}
