import {
  condition,
  defineSignal,
  executeChild,
  proxyActivities,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { orderSearchAttributes } from '../../src/domain/searchAttributes';
import type * as activities from './activities';

const { first, second, answered } = proxyActivities<typeof activities>({
  startToCloseTimeout: '10 seconds',
});

/** What a partner's answer comes as. */
const goOn = defineSignal('goOn');

/** The shape of an order's decision, two activities one after the other, with nothing in it. */
export async function bare(): Promise<void> {
  await first();
  await second();
}

/**
 * The shape of an order's whole life: three activities to its confirmation, a signal once it is packed, and
 * a parcel of its own. Where an order makes its status searchable, this does.
 */
export async function bareLife(): Promise<void> {
  const isPacked = heard();
  await first();
  await first();
  show('confirmed');
  await answered();
  await condition(isPacked, '1 hour');
  show('shipping');
  await executeChild(bareParcel, { workflowId: `${workflowInfo().workflowId}-1` });
  show('completed');
}

/** The shape of a parcel: two activities, a signal once it is dispatched, and two activities at once. */
export async function bareParcel(): Promise<void> {
  const isDispatched = heard();
  await first();
  await answered();
  await condition(isDispatched, '1 hour');
  await Promise.all([first(), second()]);
}

const show = (status: string): void =>
  upsertSearchAttributes([{ key: orderSearchAttributes.status, value: status }]);

function heard(): () => boolean {
  let isHeard = false;
  setHandler(goOn, () => {
    isHeard = true;
  });
  return () => isHeard;
}
