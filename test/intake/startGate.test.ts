import { setTimeout as sleep } from 'node:timers/promises';
import pino from 'pino';
import { createStartGate } from '../../src/intake/startGate';
import { waitFor } from '../support/waitFor';

jest.mock('node:timers/promises', () => {
  const real = jest.requireActual<typeof import('node:timers/promises')>('node:timers/promises');
  return { ...real, setTimeout: jest.fn(real.setTimeout) };
});

const logger = pino({ level: 'silent' });

/** A gate for two open orders, an inventory that answers as told, and the orders that have started. */
function gateForTwo() {
  const inventory = { answered: [] as string[], questions: [] as string[][], away: false };
  const started: string[] = [];
  const stopping = new AbortController();
  const enter = createStartGate({
    limit: 2,
    async answered(orderIds) {
      inventory.questions.push([...orderIds]);
      if (inventory.away) throw new Error('away');
      return inventory.answered;
    },
    logger,
    signal: stopping.signal,
  });
  const start = (...orderIds: string[]) =>
    orderIds.map(orderId => enter(orderId, async () => void started.push(orderId)));
  return { inventory, started, stopping, enter, start };
}

describe('The gate before Temporal', () => {
  afterEach(() => {
    jest.restoreAllMocks();
  });

  it('asks nobody while there is room', async () => {
    const { inventory, started, start } = gateForTwo();
    await Promise.all(start('a', 'b'));
    expect(started).toEqual(['a', 'b']);
    expect(inventory.questions).toEqual([]);
  });

  it('holds orders back while it is full, and starts them in their order as the inventory answers', async () => {
    const { inventory, started, start } = gateForTwo();
    const all = start('a', 'b', 'c', 'd', 'e');
    await waitFor(() => inventory.questions.length >= 3, 'three questions');
    expect(started).toEqual(['a', 'b']);
    inventory.answered = ['b'];
    await waitFor(() => started.length === 3, 'one more');
    const asked = inventory.questions.length;
    await waitFor(() => inventory.questions.length > asked, 'it is full again');
    expect(started).toEqual(['a', 'b', 'c']);
    inventory.answered = ['a', 'c'];
    await Promise.all(all);
    expect(started).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('looks at once where it never looked, then ever more rarely until half have their answer', async () => {
    const { inventory, started, start } = gateForTwo();
    jest.spyOn(performance, 'now').mockReturnValue(0);
    jest.mocked(sleep).mockClear();
    const pauses = () =>
      jest.mocked(sleep).mock.calls.flatMap(([ms, , options]) => (options?.signal ? [ms] : []));
    const all = start('a', 'b', 'c', 'd', 'e');
    await waitFor(() => pauses().length === 5, 'the fifth look');
    inventory.answered = ['a', 'b', 'c', 'd'];
    await Promise.all(all);
    expect(started).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(pauses()).toEqual([0, 40, 80, 160, 320, 160]);
  });

  it('gives the room of an order that could not be started to the next', async () => {
    const { inventory, started, enter, start } = gateForTwo();
    const refused = enter('a', () => Promise.reject(new Error('no server')));
    await expect(refused).rejects.toThrow('no server');
    await Promise.all(start('b', 'c'));
    expect(started).toEqual(['b', 'c']);
    expect(inventory.questions).toEqual([]);
  });

  it('lets go of those who wait, and of those who come, once it is to stop', async () => {
    const { started, stopping, start } = gateForTwo();
    const [, , waiting] = start('a', 'b', 'c');
    stopping.abort();
    await expect(waiting).rejects.toThrow('abort');
    const [late] = start('d');
    await expect(late).rejects.toThrow('abort');
    expect(started).toEqual(['a', 'b']);
  });

  it.each([
    ['an order hangs', false],
    ['nobody can be asked', true],
  ])('lets orders through again after a while where %s', async (_, away) => {
    const { inventory, started, start } = gateForTwo();
    inventory.away = away;
    await Promise.all(start('a', 'b'));
    const next = start('c');
    await waitFor(() => inventory.questions.length > 0, 'a question');
    expect(started).toEqual(['a', 'b']);
    const later = Date.now() + 60_000;
    jest.spyOn(Date, 'now').mockImplementation(() => later);
    await Promise.all(next);
    expect(started).toEqual(['a', 'b', 'c']);
  });
});
