import { interruptible, interruptWork, pause } from '../../../src/cli/terminal/interrupt';

const listeners = () => ['SIGINT', 'SIGTERM', 'SIGHUP'].map(name => process.listenerCount(name));

describe('interruptible work', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('is told of %s', async name => {
    const aborted = await interruptible(async signal => {
      process.emit(name, name);
      return signal.aborted;
    });
    expect(aborted).toBe(true);
  });

  it('goes on to its end, however often the signal comes', async () => {
    const answer = await interruptible(async () => {
      for (let time = 0; time < 5; time++) process.emit('SIGINT', 'SIGINT');
      await new Promise(resolve => setImmediate(resolve));
      return 'stopped in order';
    });
    expect(answer).toBe('stopped in order');
  });

  it('is interrupted by a closed pipe, too', async () => {
    const aborted = await interruptible(async signal => {
      interruptWork();
      return signal.aborted;
    });
    expect(aborted).toBe(true);
  });

  it('leaves the signals as it found them, even when it fails', async () => {
    const before = listeners();
    let told: AbortSignal | undefined;
    const failing = interruptible(signal => {
      told = signal;
      return Promise.reject(new Error('no'));
    });
    await expect(failing).rejects.toThrow('no');
    expect(listeners()).toEqual(before);
    interruptWork();
    expect(told?.aborted).toBe(false);
  });
});

describe('a pause', () => {
  it('ends at once when interrupted, before and while it waits', async () => {
    const interruption = new AbortController();
    const long = pause(1_000_000, interruption.signal);
    interruption.abort();
    await long;
    await pause(1_000_000, interruption.signal);
  });
});
