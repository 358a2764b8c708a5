/** A stop takes no longer than it may, whichever server is away. */

/** How long what has given up may take to end: less than the ten seconds that docker-compose.yml leaves. */
const endingMs = 8_000;

/**
 * Answers with a signal that aborts `drainMs` after the stop has begun: whoever still waits for a server
 * then is to give up. Where the process has not ended a while after that either, `end` is called. Nothing
 * is lost by that: what is not acknowledged is in Kafka or in Temporal, as after a crash.
 */
export function limitDrain(stopping: AbortSignal, drainMs: number, end: () => void): AbortSignal {
  const overdue = new AbortController();
  const begin = () => {
    setTimeout(() => overdue.abort(), drainMs).unref();
    setTimeout(end, drainMs + endingMs).unref();
  };
  stopping.addEventListener('abort', begin, { once: true });
  return overdue.signal;
}
