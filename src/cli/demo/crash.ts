import { OrderlyError } from '../../errors';
import { crashedServers } from '../../stack/stack';
import { pause } from '../terminal/interrupt';

const pollMs = 1_000;

const looks = 20;
const lookEveryMs = 50;

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

/**
 * What is to be said of the server that is behind a failure; undefined where none is. A client may notice
 * before the server's process is wholly gone, so this looks for a moment.
 */
export async function crashBehindFailure(dir: string): Promise<OrderlyError | undefined> {
  for (let look = 0; look < looks; look++) {
    const crash = crashIn(dir);
    if (crash !== undefined) return crash;
    await pause(lookEveryMs);
  }
  return undefined;
}

/** What is to be said of the first server that has ended by itself; undefined where none has. */
function crashIn(dir: string): OrderlyError | undefined {
  const [crashed] = crashedServers(dir);
  if (crashed === undefined) return undefined;
  const { title: server, log } = crashed;
  return new OrderlyError('ServerCrashed', { server, log });
}
