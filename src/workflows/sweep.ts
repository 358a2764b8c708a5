import { proxyActivities } from '@temporalio/workflow';
import type { SweepActivities, SweepResult } from '../activities/sweep';

/** No attempt limit: a pass waits for the servers, and the schedule starts no other beside it. */
const { sweepOrders } = proxyActivities<SweepActivities>({
  startToCloseTimeout: '15 minutes',
  heartbeatTimeout: '1 minute',
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '1 minute' },
});

/** One pass over what closed and forgotten orders still hold. */
export const sweep = (): Promise<SweepResult> => sweepOrders();
