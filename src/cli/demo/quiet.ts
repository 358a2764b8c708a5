import { pause } from '../terminal/interrupt';
import { note } from '../terminal/output';
import type { Session } from './session';

const pollMs = 500;

/** Longer than any order of a demonstration waits for anybody. */
const patienceMs = 180_000;

/**
 * Waits until the orders of earlier runs are closed that somebody interrupted: the partners' books know no
 * runs, so what still moves in them would be taken for this one's. Goes on without it in the end.
 */
export async function untilQuiet(
  { temporal: { client } }: Pick<Session, 'temporal'>,
  signal: AbortSignal,
): Promise<void> {
  const limit = Date.now() + patienceMs;
  const open = async () => {
    const { count } = await client.workflow.count(
      `WorkflowType IN ('order', 'shipment') AND ExecutionStatus = 'Running'`,
    );
    return count;
  };
  let isTold = false;
  for (;;) {
    const count = await open();
    if (count === 0 || signal.aborted || Date.now() > limit) return;
    if (!isTold)
      note(`${count} workflows of earlier runs are open; waiting until they are closed.`);
    isTold = true;
    await pause(pollMs, signal);
  }
}
