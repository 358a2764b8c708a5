/**
 * The timers that kafkajs 2.2.4 keeps for every connection, for as long as it is open. Each time one is
 * due the process wakes, and a process that does little else uses much of its time for that.
 */
import RequestQueue from 'kafkajs/src/network/requestQueue';

/** How late a request that has timed out may be noticed: little beside the 30 seconds that it may take. */
const timeoutCheckMs = 1_000;

const ask = RequestQueue.prototype.scheduleCheckPendingRequests;

/** Calms the timers of all clients of this process. */
export function calmConnectionTimers(): void {
  // Every millisecond: does a request wait to be sent (tulios/kafkajs issues 1556 and 1704)? One waits only
  // where the broker throttles or too many are in flight, and whatever puts it in the queue asks by itself.
  RequestQueue.prototype.scheduleCheckPendingRequests = function askIfWaiting() {
    if (this.pending.length > 0) ask.call(this);
  };
  // Ten times a second: has a request timed out?
  RequestQueue.prototype.scheduleRequestTimeoutCheck = function checkSeldom() {
    this.destroy();
    this.requestTimeoutIntervalId = setInterval(() => {
      const now = Date.now();
      for (const request of [...this.inflight.values()]) {
        if (now - request.sentAt > request.requestTimeout) request.timeoutRequest();
      }
      if (!this.isConnected()) this.destroy();
    }, timeoutCheckMs);
  };
}
