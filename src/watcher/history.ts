/** A history, indexed by what tells in workflow time when the workflow's code learned of something. */
import type { History } from '@temporalio/common/lib/proto-utils';
import { millisecondsOf } from './protoTime';

export type HistoryEvent = NonNullable<History['events']>[number];

/** Temporal's numbers of events are 64-bit; histories hold a few ten thousand at most. */
type EventNumber = HistoryEvent['eventId'];

/** A workflow task that was completed. `at` is the time that the workflow's clock showed in it. */
export interface Task {
  readonly startedId: number;
  readonly completedId: number;
  readonly at: number;
}

export class IndexedHistory {
  readonly events: readonly HistoryEvent[];
  /** The last event that a reset copied from another run; 0 where the run was not made by a reset. */
  readonly copiedUpTo: number;
  private readonly tasks: readonly Task[];
  private readonly byCompletion: ReadonlyMap<number, Task>;

  constructor(history: History) {
    this.events = history.events ?? [];
    const reset = this.events.findLast(
      event => (event.workflowTaskFailedEventAttributes?.newRunId ?? '') !== '',
    );
    this.copiedUpTo = reset === undefined ? 0 : Number(reset.eventId);
    this.tasks = completedTasks(this.events);
    this.byCompletion = new Map(this.tasks.map(task => [task.completedId, task]));
  }

  /** Whether this run did it, and not the one from which a reset copied it. */
  isOwn(id: EventNumber | number): boolean {
    return Number(id) > this.copiedUpTo;
  }

  /** As `isOwn`, for a task. */
  isOwnTask({ completedId }: Task): boolean {
    return this.isOwn(completedId);
  }

  /** The task whose commands name it as `workflowTaskCompletedEventId`. */
  taskOf(completedId: EventNumber): Task | undefined {
    return this.byCompletion.get(Number(completedId));
  }

  /** The task in which the workflow's code learned of an event; undefined where it never did. */
  deliveryOf(id: EventNumber): Task | undefined {
    return this.tasks.find(task => task.startedId > Number(id));
  }
}

/** When an event was recorded, in milliseconds since the epoch. */
export const timeOf = ({ eventTime }: HistoryEvent): number => millisecondsOf(eventTime);

function completedTasks(events: readonly HistoryEvent[]): Task[] {
  const started = new Map<number, number>();
  const tasks: Task[] = [];
  for (const event of events) {
    const id = Number(event.eventId);
    if (event.workflowTaskStartedEventAttributes) started.set(id, timeOf(event));
    const completed = event.workflowTaskCompletedEventAttributes;
    if (!completed) continue;
    const startedId = Number(completed.startedEventId);
    tasks.push({ startedId, completedId: id, at: started.get(startedId) ?? timeOf(event) });
  }
  return tasks;
}
