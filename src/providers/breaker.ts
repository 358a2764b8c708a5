/**
 * A circuit breaker for each partner: while most of its calls fail, further ones are not sent, so that
 * orders go elsewhere at once and the partner can recover. Now and then one call tries whether it has.
 */
import CircuitBreaker from 'opossum';
import type { Call, PartnerRequest, Reply } from './call';
import { fail } from './meaning';

export interface Breaker {
  readonly call: Call;
  /** Sends nothing any more. */
  stop(): void;
}

/** Calls within the last 10 seconds; fewer than these say nothing about a partner. */
const windowMs = 10_000;
const fewest = 10;
const failedPercent = 50;

/** How long nothing is sent before one call tries again. */
const restMs = 5_000;

/** A refusal of the partner is a reply, and no failure. */
export function createBreaker(name: string, call: Call): Breaker {
  const circuit = new CircuitBreaker<[PartnerRequest], Reply>(call, {
    timeout: false,
    rollingCountTimeout: windowMs,
    volumeThreshold: fewest,
    errorThresholdPercentage: failedPercent,
    resetTimeout: restMs,
    rollingPercentilesEnabled: false,
    enableSnapshots: false,
  });
  return {
    async call(request) {
      try {
        return await circuit.fire(request);
      } catch (thrown) {
        if (thrown instanceof Error && CircuitBreaker.isOurError(thrown)) {
          return fail(name, 'not-done', 'most of the last calls failed', thrown);
        }
        throw thrown;
      }
    },
    stop: () => circuit.shutdown(),
  };
}
