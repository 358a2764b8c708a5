import { createPacer } from '../../src/watcher/pacer';

const timers = jest.requireActual<typeof import('node:timers/promises')>('node:timers/promises');
const pauses: number[] = [];
jest.mock('node:timers/promises', () => ({
  setTimeout: (milliseconds: number) => pauseFor(milliseconds),
}));
const pauseFor = (milliseconds: number): Promise<void> => {
  pauses.push(milliseconds);
  return timers.setTimeout(0);
};

beforeEach(() => {
  pauses.length = 0;
  jest.spyOn(performance, 'now').mockReturnValue(10_000);
});
afterEach(() => jest.restoreAllMocks());

it('each call waits for its turn, no faster than allowed, however many ask at once', async () => {
  const pace = createPacer(200);
  await Promise.all(Array.from({ length: 5 }, pace));
  expect(pauses).toEqual([5, 10, 15, 20]);
});

it('whoever comes after a pause is let through at once, and has saved nothing up', async () => {
  const pace = createPacer(200);
  await pace();
  jest.spyOn(performance, 'now').mockReturnValue(20_000);
  await pace();
  expect(pauses).toEqual([]);
  await pace();
  expect(pauses).toEqual([5]);
});
