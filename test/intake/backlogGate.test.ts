import pino from 'pino';
import { createBacklogGate } from '../../src/intake/backlogGate';
import { waitFor } from '../support/waitFor';

const logger = pino({ level: 'silent' });

/** A gate, and the backlog that it is told of. */
function gateAt(backlog: number | Error, limit = 10) {
  const told = { backlog, readings: 0 };
  const readBacklog = async () => {
    told.readings++;
    if (told.backlog instanceof Error) throw told.backlog;
    return told.backlog;
  };
  const passed: number[] = [];
  const gate = createBacklogGate({ readBacklog, limit, logger });
  const pass = (count: number) => {
    for (let i = 0; i < count; i++) void gate().then(() => passed.push(i));
  };
  return { told, passed, pass };
}

describe('The gate before Temporal', () => {
  it('asks once for as many starts as fit below the limit', async () => {
    const { told, passed, pass } = gateAt(4);
    pass(6);
    await waitFor(() => passed.length === 6, 'all have passed');
    expect(told.readings).toBe(1);
  });

  it('holds orders back while the workers are behind, and lets them through in order after', async () => {
    const { told, passed, pass } = gateAt(10);
    pass(5);
    await waitFor(() => told.readings >= 3, 'three readings');
    expect(passed).toEqual([]);
    told.backlog = 9;
    await waitFor(() => passed.length >= 2, 'some have passed');
    told.backlog = 0;
    await waitFor(() => passed.length === 5, 'all have passed');
    expect(passed).toEqual([0, 1, 2, 3, 4]);
  });

  it('never lets more through on one reading than fit', async () => {
    const { told, passed, pass } = gateAt(7);
    pass(12);
    await waitFor(() => passed.length === 12, 'all have passed');
    expect(told.readings).toBe(4);
  });

  it('stays open when the backlog can not be read: the start itself will say what is wrong', async () => {
    const { passed, pass } = gateAt(new Error('away'));
    pass(3);
    await waitFor(() => passed.length === 3, 'all have passed');
  });
});
