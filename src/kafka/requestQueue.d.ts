/** A part of kafkajs that it does not export: the requests of one connection. */
declare module 'kafkajs/src/network/requestQueue' {
  export default class RequestQueue {
    /** Requests that wait until they may be sent. */
    readonly pending: readonly unknown[];
    scheduleCheckPendingRequests(): void;
  }
}
