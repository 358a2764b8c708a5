/**
 * kafkajs 2.2.4 asks every millisecond, for every connection and as long as it is open, whether a request
 * waits to be sent (tulios/kafkajs issues 1556 and 1704): a tenth of what a process that does little else
 * uses. A request waits only where the broker throttles or too many are in flight, and whatever puts one
 * in the queue asks by itself, so a connection with an empty queue needs no timer.
 */
import RequestQueue from 'kafkajs/src/network/requestQueue';

const ask = RequestQueue.prototype.scheduleCheckPendingRequests;

/** Lets connections without a waiting request sleep; for all clients of this process. */
export function stopIdleTimer(): void {
  RequestQueue.prototype.scheduleCheckPendingRequests = function askIfWaiting() {
    if (this.pending.length > 0) ask.call(this);
  };
}
