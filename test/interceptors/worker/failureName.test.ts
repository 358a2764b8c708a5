import { ApplicationFailure } from '@temporalio/common';
import { OrderlyError } from '../../../src/errors';
import { failureName } from '../../../src/interceptors/worker/failureName';

class Timeout extends Error {
  override readonly name = 'Timeout';
}

describe('a failure', () => {
  it.each<[string, unknown, string]>([
    ['its type', ApplicationFailure.retryable('message', 'StillLocked'), 'StillLocked'],
    ['the code of Postgres', Object.assign(new Error('deadlock'), { code: '40P01' }), '40P01'],
    ['the code of the catalogue', new OrderlyError('DuplicateOrder'), 'DuplicateOrder'],
    ['its class, where its code is no text', Object.assign(new Timeout(), { code: 7 }), 'Timeout'],
    ['its class, where it has no type', ApplicationFailure.retryable('message'), 'Error'],
    ['what it is, where it is no error', 'jane@example.com', 'string'],
    ['what it is, where it is nothing', undefined, 'undefined'],
  ])('is counted by %s', (_, thrown, name) => {
    expect(failureName(thrown)).toBe(name);
  });
});
