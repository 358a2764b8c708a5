import { condition, defineQuery, defineSignal, setHandler } from '@temporalio/workflow';
import { dispatchedSignal, packedSignal } from '../../src/workflows/orderInterface';
import { dispatchedSignal as shipmentDispatchedSignal } from '../../src/workflows/shipmentInterface';

/** What the workflow has heard, in its order. */
export const heardQuery = defineQuery<readonly object[]>('heard');

/** Ends it with an outcome. */
export const endSignal = defineSignal<[string]>('end');

/** Hears what partners report of an order. */
export const orderListener = (): Promise<{ outcome: string }> =>
  listener(told => {
    setHandler(packedSignal, packing => told({ packing }));
    setHandler(dispatchedSignal, dispatch => told({ dispatch }));
  });

/** Hears what the carrier reports of a parcel. */
export const shipmentListener = (): Promise<{ outcome: string }> =>
  listener(told => setHandler(shipmentDispatchedSignal, dispatch => told({ dispatch })));

async function listener(listen: (told: (news: object) => void) => void) {
  const heard: object[] = [];
  let outcome: string | undefined;
  listen(news => void heard.push(news));
  setHandler(heardQuery, () => heard);
  setHandler(endSignal, how => {
    outcome = how;
  });
  await condition(() => outcome !== undefined);
  return { outcome: outcome! };
}
