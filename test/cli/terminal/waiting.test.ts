import { waitingFor } from '../../../src/cli/terminal/waiting';

/** What goes to standard error meanwhile. */
let told: string;
beforeEach(() => {
  jest.useFakeTimers();
  told = '';
  jest.spyOn(process.stderr, 'write').mockImplementation(text => {
    told += String(text);
    return true;
  });
});
afterEach(() => {
  jest.restoreAllMocks();
  jest.useRealTimers();
});

describe('whoever waits', () => {
  it('is told for what, once it takes long', async () => {
    let answer = (_: number) => {};
    const waiting = waitingFor(
      'the ledger',
      () => new Promise<number>(resolve => (answer = resolve)),
    );
    await jest.advanceTimersByTimeAsync(1_999);
    expect(told).toBe('');
    await jest.advanceTimersByTimeAsync(60_000);
    expect(told).toBe('Waiting for the ledger ...\n');
    answer(7);
    await expect(waiting).resolves.toBe(7);
  });

  it('hears nothing of what is done or has failed at once', async () => {
    await waitingFor('the ledger', async () => {});
    await expect(waitingFor('the ledger', () => Promise.reject(new Error('away')))).rejects.toThrow(
      'away',
    );
    await jest.advanceTimersByTimeAsync(60_000);
    expect(told).toBe('');
  });
});
