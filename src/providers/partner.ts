import { type Breaker, createBreaker } from './breaker';
import { createHttpCall } from './http';

/** A partner by its name, and its address without a slash at the end. */
export interface Partner {
  readonly name: string;
  readonly url: string;
}

/** Everything that is asked of this partner goes through one breaker. */
export const connectPartner = (partner: Partner): Breaker =>
  createBreaker(partner.name, createHttpCall(partner));
