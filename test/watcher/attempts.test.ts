import fc from 'fast-check';
import { failedAttempts, type LastAttempt } from '../../src/watcher/attempts';

const lost = { timeoutFailureInfo: {} };
const thrown = (type: string) => ({ applicationFailureInfo: { type } });

const last = (changes: Partial<LastAttempt>): LastAttempt => ({
  attempt: 1,
  scheduledAt: 1_000,
  begunBy: 61_000,
  retryPolicy: { initialInterval: { seconds: 1 } as never, backoffCoefficient: 2 },
  failureBefore: undefined,
  ...changes,
});

describe('the attempts of an activity that failed', () => {
  it('are none where the first one ended well', () => {
    expect(failedAttempts(last({}))).toEqual([]);
  });

  it('are the first alone where it failed for good, at the time of its schedule', () => {
    const failed = { failure: thrown('DataRefused') };
    expect(failedAttempts(last({ failed }))).toEqual([
      { attempt: 1, at: 1_000, failure: 'DataRefused' },
    ]);
  });

  it('are all before the last, of which the latest alone is known by its failure', () => {
    const attempts = failedAttempts(last({ attempt: 4, failureBefore: thrown('40P01') }));
    expect(attempts).toEqual([
      { attempt: 1, at: 2_000, failure: 'unknown' },
      { attempt: 2, at: 4_000, failure: 'unknown' },
      { attempt: 3, at: 4_000, failure: '40P01' },
    ]);
  });

  it('are unknown where no code told of them', () => {
    const attempts = failedAttempts(
      last({ attempt: 2, failureBefore: lost, failed: { failure: lost } }),
    );
    expect(attempts.map(({ failure }) => failure)).toEqual(['unknown', 'unknown']);
  });

  it('go by the class where the failure has no type', () => {
    expect(failedAttempts(last({ failed: { failure: thrown('') } }))).toMatchObject([
      { failure: 'ApplicationFailure' },
    ]);
  });

  it('come once each and in order, never before the first schedule nor after the last start', () => {
    fc.assert(
      fc.property(
        fc.record({
          attempt: fc.integer({ min: 1, max: 200 }),
          spread: fc.integer({ min: 0, max: 100_000 }),
          seconds: fc.integer({ min: 0, max: 50 }),
          backoffCoefficient: fc.constantFrom(0, 1, 1.5, 2, 10),
          maximum: fc.constantFrom(0, 1, 10),
          fails: fc.boolean(),
        }),
        ({ attempt, spread, seconds, backoffCoefficient, maximum, fails }) => {
          const attempts = failedAttempts({
            attempt,
            scheduledAt: 5_000,
            begunBy: 5_000 + spread,
            retryPolicy: {
              initialInterval: { seconds: seconds as never },
              maximumInterval: { seconds: maximum as never },
              backoffCoefficient,
            },
            failureBefore: thrown('X'),
            ...(fails && { failed: { failure: thrown('Y') } }),
          });
          const count = fails ? attempt : attempt - 1;
          expect(attempts.map(it => it.attempt)).toEqual(
            Array.from({ length: count }, (_, i) => i + 1),
          );
          const times = attempts.map(({ at }) => at);
          expect(times).toEqual([...times].sort((a, b) => a - b));
          for (const at of times) {
            expect(at).toBeGreaterThanOrEqual(5_000);
            expect(at).toBeLessThanOrEqual(5_000 + spread);
          }
        },
      ),
    );
  });
});
