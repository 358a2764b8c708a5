import { OrderlyError } from '../../errors';
import { fateOf, type StartedServer, startedServers } from '../../stack/stack';
import { pause } from '../terminal/interrupt';

const pollMs = 1_000;

const looks = 20;
const lookEveryMs = 50;

/** Whoever stops a server notes so a moment after its process has ended. */
const notedWithinMs = 200;

/** Servers that run now, to be watched from now on. */
export interface Watched {
  readonly dir: string;
  readonly servers: readonly StartedServer[];
}

/** The servers that the stack of this folder has started, whoever brought it up. */
export const watchServers = (dir: string): Watched => ({ dir, servers: startedServers(dir) });

/**
 * Rejects when one of the servers ends; watches until then, or until the signal is aborted. Clients can not
 * tell: they wait for a server that may come back.
 * @throws OrderlyError ServerCrashed, ServerStopped
 */
export async function untilEnd(watched: Watched, signal: AbortSignal): Promise<never> {
  while (!signal.aborted) {
    const end = await endOf(watched);
    if (end !== undefined) throw end;
    await pause(pollMs, signal);
  }
  return new Promise<never>(() => {});
}

/**
 * What is to be said of the server that is behind a failure; undefined where none is. A client may notice
 * before the server's process is wholly gone, so this looks for a moment.
 */
export async function endBehindFailure(watched: Watched): Promise<OrderlyError | undefined> {
  for (let look = 0; look < looks; look++) {
    const end = await endOf(watched);
    if (end !== undefined) return end;
    await pause(lookEveryMs);
  }
  return undefined;
}

/** What is to be said of the first server that has ended; undefined where none has. */
async function endOf(watched: Watched): Promise<OrderlyError | undefined> {
  if (firstEnd(watched) === undefined) return undefined;
  await pause(notedWithinMs);
  return firstEnd(watched);
}

function firstEnd({ dir, servers }: Watched): OrderlyError | undefined {
  for (const { name, process, title: server, log } of servers) {
    const fate = fateOf(dir, name, process);
    if (fate === 'crashed') return new OrderlyError('ServerCrashed', { server, log });
    if (fate === 'stopped') return new OrderlyError('ServerStopped', { server });
  }
  return undefined;
}
