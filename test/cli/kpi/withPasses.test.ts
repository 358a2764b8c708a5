import { spanOf } from '../../../src/cli/kpi/withPasses';

const hour = 3_600_000;
const now = Date.UTC(2026, 1, 3, 12);

describe('the time that is compared', () => {
  it.each([
    ['is the last hour', {}, now - hour, now],
    ['is the hour before its end', { to: now - hour }, now - 2 * hour, now - hour],
    [
      'begins an hour ago where its end is still to come',
      { to: now + 2 * hour },
      now - hour,
      now + 2 * hour,
    ],
    ['is what is asked for', { from: now - 9 * hour, to: now - hour }, now - 9 * hour, now - hour],
  ])('%s', (_, asked, from, to) => {
    expect(spanOf(asked, now)).toEqual({ from, to });
  });
});
