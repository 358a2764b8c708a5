import { type Breaker, createBreaker } from './breaker';
import { createHttpCall, type Partner } from './http';

/** Everything that is asked of this partner goes through one breaker. */
export const connectPartner = (partner: Partner): Breaker =>
  createBreaker(partner.name, createHttpCall(partner));
