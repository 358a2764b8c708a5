import { isOutage } from '../../../src/cli/demo/partners';

describe('the first payment provider', () => {
  it('is down for a while in a run of sixty, comes back, and is down again later', () => {
    const changes = Array.from({ length: 800 }, (_, number) => number).filter(
      number => isOutage(number) !== isOutage(number - 1),
    );
    expect(changes).toEqual([30, 90, 430, 490]);
  });
});
