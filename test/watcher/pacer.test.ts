import { createPacer } from '../../src/watcher/pacer';

it('calls go through one after the other, no faster than allowed, however many ask at once', async () => {
  const pace = createPacer(200);
  const begin = performance.now();
  const passed: number[] = [];
  await Promise.all(Array.from({ length: 21 }, (_, i) => pace().then(() => passed.push(i))));
  // A timer may be a millisecond early.
  expect(performance.now() - begin).toBeGreaterThan(95);
  expect(passed).toEqual(Array.from({ length: 21 }, (_, i) => i));
});
