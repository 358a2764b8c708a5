/** One call to a partner: the vocabulary of this folder. */

export interface PartnerRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Below the partner's address, beginning with a slash. */
  readonly path: string;
  /** How long the whole answer may take, in milliseconds. */
  readonly timeoutMs: number;
  /** The idempotency key: a request that comes again with it is not done again. */
  readonly key?: string;
  /** Sent as JSON. */
  readonly body?: unknown;
}

/** What a partner said: of the statuses only 2xx (it is done) and 4xx (it is not, and why). */
export interface Reply {
  readonly status: number;
  /** Of its JSON; undefined where it is none. */
  readonly body: unknown;
}

/**
 * Asks a partner.
 * @throws OrderlyError PartnerUnavailable: certainly not done, it may be later
 * @throws OrderlyError PartnerOutcomeUnknown: perhaps done
 */
export type Call = (request: PartnerRequest) => Promise<Reply>;

/**
 * How many times longer than a first authorization everything else may take: another provider can take
 * an order's payment over, but nobody else knows what became of it at this one.
 */
export const patience = 4;
