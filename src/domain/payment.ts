/** Money held and taken for an order: what activities are asked, and what they answer. */

/** Ask a provider to hold money. `key`: the idempotency key; the same key never holds twice. */
export interface AuthorizationRequest {
  readonly provider: string;
  readonly key: string;
  readonly orderId: string;
  /** Minor units of `currency`. */
  readonly amount: number;
  readonly currency: string;
}

/** A decline is the bank's answer, not a failure. */
export type AuthorizationAnswer =
  | { readonly status: 'authorized'; readonly authorizationId: string }
  | { readonly status: 'declined'; readonly reason: string };

/** Money that is held: by whom, under which id, and how much. */
export interface Authorization {
  readonly provider: string;
  readonly authorizationId: string;
  readonly amount: number;
  readonly currency: string;
}

/** Take a part of what is held. */
export interface CaptureRequest {
  readonly provider: string;
  readonly key: string;
  readonly authorizationId: string;
  readonly amount: number;
}

export interface Capture {
  readonly captureId: string;
}

/** Give back a part of what was taken. */
export interface RefundRequest {
  readonly provider: string;
  readonly key: string;
  readonly captureId: string;
  readonly amount: number;
}

/** Let go of what is still held. By `key` where it is not known whether anything is held at all. */
export interface VoidRequest {
  readonly provider: string;
  readonly key: string;
}
