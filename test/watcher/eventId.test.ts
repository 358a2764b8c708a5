import { occurrenceId } from '../../src/kpi/occurrence';
import { partsOf } from '../../src/watcher/eventId';

const id = (occurrence: string) => `some-kpi@12:${occurrence}`;

describe('the id of an event', () => {
  it.each([
    [occurrenceId.attempt('order-a', 'run', '1', 2), 'attempt-failed', 'run'],
    [occurrenceId.step('order-a', 'run', '1'), 'step-ended', 'run'],
    [occurrenceId.closed('order-a', 'run'), 'workflow-closed', 'run'],
    [occurrenceId.milestone('order-a', 'OrderShipped', 's1'), 'milestone', undefined],
    [occurrenceId.refused('digest'), 'order-refused', undefined],
  ])('%s is told by its parts', (occurrence, kind, runId) => {
    expect(partsOf(id(occurrence))).toEqual({
      kpi: 'some-kpi',
      occurrence: kind,
      occurrenceId: occurrence,
      ...(runId !== undefined && { runId }),
    });
  });

  it.each(['', 'some-kpi', id('measured:kpi-parity:x'), id('constructor:x'), 'x@y:closed:a:b'])(
    '%s is none of those that are compared',
    text => {
      expect(partsOf(text)).toBeUndefined();
    },
  );
});
