/**
 * Wakes the orders whose stock has come. Several processes may do so at once: each order is given to one
 * of them, and to the next one where that dies before it was told. Being told twice does no harm.
 */
import type { Pool } from 'pg';
import { messageOf } from '../errors';
import { settleWakeUps, takeWakeUps } from '../postgres/wakeUps';
import type { Logger } from '../telemetry';

export interface WakerOptions {
  readonly pool: Pool;
  /** Resolves once the order is told, or has closed so that there is nobody to tell. */
  readonly wake: (orderId: string) => Promise<unknown>;
  readonly logger: Pick<Logger, 'warn' | 'debug'>;
}

export interface Waker {
  /** Looks at once rather than at the next turn. */
  look(): void;
  /** Resolves when nothing is under way any more. */
  stop(): Promise<void>;
}

const everyMs = 1_000;

/** Orders that are told at the same time. */
const atOnce = 100;

/** Looks every second. */
export function startWaker({ pool, wake, logger }: WakerOptions): Waker {
  let stopped = false;
  let asked = false;
  let ring = (): void => {};

  const turn = async (): Promise<boolean> => {
    const taken = await takeWakeUps(pool, atOnce);
    const told = new Set<string>();
    const complete = new Set(taken.filter(w => w.complete).map(({ orderId }) => orderId));
    await Promise.all(
      [...complete].map(async orderId => {
        try {
          await wake(orderId);
          told.add(orderId);
        } catch (thrown) {
          logger.warn({ orderId, detail: messageOf(thrown) }, 'an order could not be woken yet');
        }
      }),
    );
    const settled = taken.filter(({ orderId, complete: due }) => !due || told.has(orderId));
    if (settled.length > 0) await settleWakeUps(pool, settled);
    if (told.size > 0) logger.debug({ orders: told.size }, 'orders woken');
    return taken.length === atOnce;
  };

  const run = async (): Promise<void> => {
    while (!stopped) {
      asked = false;
      const more = await turn().catch((thrown: unknown) => {
        logger.warn({ detail: messageOf(thrown) }, 'nobody could be woken; it is tried again');
        return false;
      });
      if (!more && !asked && !stopped) await pause();
    }
  };

  const pause = () =>
    new Promise<void>(resolve => {
      const timer = setTimeout(resolve, everyMs);
      ring = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  const running = run();
  return {
    look() {
      asked = true;
      ring();
    },
    async stop() {
      stopped = true;
      ring();
      await running;
    },
  };
}
