import { ApplicationFailure } from '@temporalio/common';
import { withFailures } from '../../src/activities/failure';
import { OrderlyError } from '../../src/errors';

const failureOf = async (thrown: unknown): Promise<unknown> => {
  const activity = withFailures(async () => {
    throw thrown;
  });
  return await activity().catch((failure: unknown) => failure);
};

describe('how an activity fails', () => {
  it('passes the answer of an activity that does not', async () => {
    expect(await withFailures(async (a: number, b: number) => a + b)(1, 2)).toBe(3);
  });

  it('carries the code of the catalogue as its type, and is retried where waiting can help', async () => {
    const error = new OrderlyError('PostgresUnavailable', { detail: 'away' });
    const failure = await failureOf(error);
    expect(failure).toBeInstanceOf(ApplicationFailure);
    expect(failure).toMatchObject({
      type: 'PostgresUnavailable',
      nonRetryable: false,
      message: `${error.message} ${error.next}`,
      cause: error,
    });
  });

  it('is final where the input is wrong', async () => {
    const error = new OrderlyError('DataRefused', { detail: 'NUL' });
    expect(await failureOf(error)).toMatchObject({ type: 'DataRefused', nonRetryable: true });
  });

  it('passes a fault of the program as it is', async () => {
    const fault = new TypeError('undefined is not a function');
    expect(await failureOf(fault)).toBe(fault);
  });
});
