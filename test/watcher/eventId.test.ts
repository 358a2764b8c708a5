import { occurrenceId } from '../../src/kpi/occurrence';
import { partsOf } from '../../src/watcher/eventId';

const id = (occurrence: string) => `some-kpi@12:${occurrence}`;

describe('the id of an event', () => {
  it.each([
    [occurrenceId.attempt('order-a', 'run', '1', 2), 'attempt-failed', 'order-a'],
    [occurrenceId.step('order-a', 'run', '1'), 'step-ended', 'order-a'],
    [occurrenceId.closed('order-a', 'run'), 'workflow-closed', 'order-a'],
    [occurrenceId.milestone('order-a', 'OrderShipped', 's1'), 'milestone', 'order-a'],
    [occurrenceId.refused('digest'), 'order-refused', undefined],
    [occurrenceId.measured('kpi-parity', 'x'), 'measured', undefined],
  ])('%s is told by its parts', (occurrence, kind, workflowId) => {
    expect(partsOf(id(occurrence))).toEqual({
      occurrence: kind,
      occurrenceId: occurrence,
      ...(workflowId !== undefined && { workflowId }),
    });
  });

  it.each(['', 'some-kpi', 'hello-world', id('constructor:x'), id('step::b'), 'x@y:closed:a:b'])(
    '%j is none that anything of ours has',
    text => {
      expect(partsOf(text)).toBeUndefined();
    },
  );
});
