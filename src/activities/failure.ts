/** How an activity fails: in the catalogue's words, and retried exactly where waiting can help. */
import { ApplicationFailure } from '@temporalio/common';
import { OrderlyError } from '../errors';

/**
 * Wraps an activity so that an error of the catalogue leaves it as an ApplicationFailure whose type is
 * the error's code, retryable where the error is transient. Anything else passes as it is: Temporal
 * retries it, since a fault of the program may be mended by its next deployment.
 */
export function withFailures<Args extends unknown[], Result>(
  activity: (...args: Args) => Promise<Result>,
): (...args: Args) => Promise<Result> {
  return async (...args) => {
    try {
      return await activity(...args);
    } catch (thrown) {
      throw thrown instanceof OrderlyError ? failureOf(thrown) : thrown;
    }
  };
}

function failureOf(error: OrderlyError): ApplicationFailure {
  return ApplicationFailure.create({
    type: error.code,
    message: `${error.message} ${error.next}`,
    nonRetryable: !error.transient,
    cause: error,
  });
}
