import { limitDrain } from '../../src/workers/drainLimit';

/** What docker-compose.yml grants a process whose DRAIN_SECONDS is the default of 20. */
const [drainMs, grantedMs] = [20_000, 30_000];

describe('The limit of a drain', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  const limited = () => {
    const stopping = new AbortController();
    const end = jest.fn();
    return { stopping, end, overdue: limitDrain(stopping.signal, drainMs, end) };
  };

  it('means nothing to a process that runs', () => {
    const { overdue, end } = limited();
    jest.advanceTimersByTime(24 * 3_600_000);
    expect(overdue.aborted).toBe(false);
    expect(end).not.toHaveBeenCalled();
  });

  it('lets nothing wait for a server any more once the time to drain is over', () => {
    const { overdue, end, stopping } = limited();
    stopping.abort();
    jest.advanceTimersByTime(drainMs - 1);
    expect(overdue.aborted).toBe(false);
    jest.advanceTimersByTime(1);
    expect(overdue.aborted).toBe(true);
    expect(end).not.toHaveBeenCalled();
  });

  it('ends what has not ended by itself before it is ended by force', () => {
    const { end, stopping } = limited();
    stopping.abort();
    jest.advanceTimersByTime(grantedMs - 1_000);
    expect(end).toHaveBeenCalledTimes(1);
  });
});
