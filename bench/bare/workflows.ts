import { proxyActivities } from '@temporalio/workflow';
import type * as activities from './activities';

const { first, second } = proxyActivities<typeof activities>({
  startToCloseTimeout: '10 seconds',
});

/** The order's shape, two activities one after the other, with nothing in it. */
export async function bare(): Promise<void> {
  await first();
  await second();
}
