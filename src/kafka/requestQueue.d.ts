/** A part of kafkajs that it does not export: the requests of one connection. */
declare module 'kafkajs/src/network/requestQueue' {
  export default class RequestQueue {
    /** Requests that wait until they may be sent. */
    readonly pending: readonly unknown[];
    /** Requests that wait for their answers, by correlation id. Times are in milliseconds. */
    readonly inflight: ReadonlyMap<
      number,
      { readonly sentAt: number; readonly requestTimeout: number; timeoutRequest(): void }
    >;
    readonly isConnected: () => boolean;
    requestTimeoutIntervalId: NodeJS.Timeout | null;
    scheduleCheckPendingRequests(): void;
    scheduleRequestTimeoutCheck(): void;
    /** Ends the timers. */
    destroy(): void;
  }
}
