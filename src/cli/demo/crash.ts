import { OrderlyError } from '../../errors';
import { crashedServers } from '../../stack/stack';
import { pause } from '../terminal/interrupt';

const pollMs = 1_000;

/**
 * Rejects when a server ends by itself that the stack of this folder has started; watches until then, or
 * until the signal is aborted. Clients can not tell: they wait for a server that may come back.
 * @throws OrderlyError ServerCrashed
 */
export async function untilCrash(dir: string, signal: AbortSignal): Promise<never> {
  while (!signal.aborted) {
    const crash = crashIn(dir);
    if (crash !== undefined) throw crash;
    await pause(pollMs, signal);
  }
  return new Promise<never>(() => {});
}

/** What is to be said of the first server that has ended by itself; undefined where none has. */
export function crashIn(dir: string): OrderlyError | undefined {
  const [crashed] = crashedServers(dir);
  if (crashed === undefined) return undefined;
  const { title: server, log } = crashed;
  return new OrderlyError('ServerCrashed', { server, log });
}
