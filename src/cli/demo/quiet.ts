import { readLag } from '../../kafka/lag';
import { orderReceived } from '../../messages/orderReceived';
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
  { config, kafka, temporal: { client } }: Pick<Session, 'config' | 'kafka' | 'temporal'>,
  signal: AbortSignal,
): Promise<void> {
  const limit = Date.now() + patienceMs;
  const open = async () => {
    const [{ count }, lags] = await Promise.all([
      client.workflow.count(
        `WorkflowType IN ('order', 'shipment') AND ExecutionStatus = 'Running'`,
      ),
      readLag(kafka, config.KAFKA_INTAKE_GROUP, [orderReceived.topic]),
    ]);
    return lags.reduce((sum, { records }) => sum + records, count);
  };
  let isTold = false;
  for (;;) {
    const count = await open();
    if (count === 0 || signal.aborted || Date.now() > limit) return;
    if (!isTold)
      note(`${count} orders and parcels of earlier runs are open; waiting until they are closed.`);
    isTold = true;
    await pause(pollMs, signal);
  }
}
