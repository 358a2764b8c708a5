import { troubleAt } from '../../../src/cli/demo/partners';

describe('the payment providers', () => {
  it('all decline, and the first is down, for a while in a run of sixty, and again later', () => {
    const changes = Array.from({ length: 800 }, (_, number) => number)
      .filter(number => troubleAt(number) !== troubleAt(number - 1))
      .map(number => [number, troubleAt(number)?.field]);
    const once = [
      [10, 'decline'],
      [13, undefined],
      [30, 'fail'],
      [90, undefined],
    ] as const;
    const again = once.map(([number, field]) => [number + 400, field]);
    expect(changes).toEqual([...once, ...again]);
  });
});
