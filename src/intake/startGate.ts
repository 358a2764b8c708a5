/**
 * Keeps Temporal from drowning: past a few open orders per core it only gets slower by having more, so
 * the others wait in Kafka, where waiting costs nothing.
 *
 * An order counts as open from its start until the inventory has answered for it. Whether it has is
 * asked of Postgres for many orders at once, only when the gate is full, and about as often as half of
 * them come free: orders that enter together are also reserved and announced together, in one commit and
 * one request.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../errors';
import type { Logger } from '../telemetry';

/**
 * Runs `start` when there is room for one more order. An order whose start fails takes up none.
 * @throws AbortError
 */
export type Gate = (orderId: string, start: () => Promise<void>) => Promise<void>;

export interface StartGateOptions {
  /** Open orders at most. */
  readonly limit: number;
  /** Which of these orders the inventory has answered for. */
  readonly answered: (orderIds: readonly string[]) => Promise<readonly string[]>;
  readonly logger: Logger;
  /** Once aborted, orders that wait are let go: they are still in Kafka, for whoever comes next. */
  readonly signal: AbortSignal;
}

/** How long a full gate waits from one look to the next, at least and at most. */
const pauseMs = { shortest: 20, longest: 320 };

/** An order that hangs, or whose workers are all away, takes up room no longer than this. */
const patienceMs = 10_000;

export function createStartGate({ limit, answered, logger, signal }: StartGateOptions): Gate {
  const open = new Map<string, number>();
  let looking: Promise<void> | undefined;
  let pause = pauseMs.shortest;
  let nextLook = 0;

  const look = async (): Promise<void> => {
    await sleep(Math.max(nextLook - performance.now(), 0), undefined, { signal });
    try {
      for (const orderId of await answered([...open.keys()])) open.delete(orderId);
    } catch (thrown) {
      logger.debug({ reason: messageOf(thrown) }, 'open orders can not be asked for');
    }
    const oldest = Date.now() - patienceMs;
    for (const [orderId, since] of open) if (since < oldest) open.delete(orderId);
    pause =
      open.size > limit / 2
        ? Math.min(pause * 2, pauseMs.longest)
        : Math.max(pause / 2, pauseMs.shortest);
    nextLook = performance.now() + pause;
  };

  return async (orderId, start) => {
    while (open.size >= limit) {
      signal.throwIfAborted();
      looking ??= look().finally(() => {
        looking = undefined;
      });
      await looking;
    }
    open.set(orderId, Date.now());
    try {
      await start();
    } catch (thrown) {
      open.delete(orderId);
      throw thrown;
    }
  };
}
