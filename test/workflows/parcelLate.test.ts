/** Parcels that are late, and what is shown of a parcel, on the server whose time skips. */
import { packedSignal } from '../../src/workflows/orderInterface';
import { dispatchedSignal } from '../../src/workflows/shipmentInterface';
import { waitFor } from '../support/waitFor';
import { dispatch, onSkippingTime, packing, send, untilConfirmed } from './drive';
import { type OrderHandle, openShop, plan, type Shop, silence } from './shop';

jest.setTimeout(120_000);

const { live, sleep } = onSkippingTime();

const notices = ({ announced }: Shop) =>
  announced
    .flatMap(({ messages }) => messages)
    .filter(({ type }) => type === 'OperatorNotice')
    .map(({ data }) => data as { reason: string; shipment?: string; text: string });

describe('A parcel', () => {
  it.each([
    ['payment provider is', 'capturePayment', 'a to take its money'],
    ['carrier is', 'bookCarrier', 'a carrier to be booked'],
  ] as const)(
    'whose %s down for long is told to operators once, and goes out when it is back',
    async (_, name, awaited) => {
      let isDown = true;
      const shop = openShop(({ activities }) => ({
        [name]: async (request: never) => {
          if (isDown) throw silence();
          return activities[name](request);
        },
      }));
      const fulfilment = { ...plan.fulfilment, dispatchSeconds: 600 };
      await live(shop, { plan: { ...plan, fulfilment } }, async handle => {
        await untilConfirmed(handle);
        for (const number of ['1', '2']) await handle.signal(packedSignal, packing(number));
        await sleep('20 minutes');
        await waitFor(() => notices(shop).length === 2, 'operators to be told');
        isDown = false;
        await sleep('1 minute');
        await waitFor(() => shop.books.booked.size === 2, 'both parcels to be booked');
        await sleep('2 hours');
        for (const number of ['1', '2']) {
          await handle.shipment(number).signal(dispatchedSignal, dispatch(number));
        }
        await expect(handle.result()).resolves.toMatchObject({ outcome: 'completed' });
        expect(shop.books).toMatchObject({ captured: 1900, refunded: 0 });
        const told = notices(shop).sort((one, other) => one.text.localeCompare(other.text));
        expect(told.map(({ reason, shipment }) => [reason, shipment])).toEqual([
          ['dispatch-overdue', '1'],
          ['dispatch-overdue', '2'],
        ]);
        for (const { text } of told) expect(text).toContain(`it waits for ${awaited}.`);
      });
    },
  );

  it('shows in the Temporal UI what it waits for', async () => {
    let take: (() => void) | undefined;
    const shop = openShop(({ activities }) => ({
      capturePayment: async request => {
        if (request.amount === 1_000) {
          await new Promise<void>(resolve => {
            take = resolve;
          });
        }
        return activities.capturePayment(request);
      },
      bookCarrier: async request =>
        request.shipment === '2'
          ? { status: 'refused', reason: 'nobody drives there' }
          : activities.bookCarrier(request),
    }));
    await live(shop, {}, async handle => {
      await untilConfirmed(handle);
      await handle.signal(packedSignal, packing('1'));
      await waitFor(() => take !== undefined, 'its money to be asked for');
      expect(await shown(handle, '1')).toMatch(/^\*\*packed\*\* since \S+Z: waits for a to take/);
      take?.();
      await send(handle, shop, '1');
      await handle.shipment('1').result();
      expect(await shown(handle, '1')).toMatch(/^\*\*shipped\*\* since \S+Z: with swift, T-1$/);
      await handle.signal(packedSignal, packing('2'));
      await handle.result();
      expect(await shown(handle, '2')).toMatch(/^\*\*failed\*\* since \S+Z: nobody drives there$/);
    });
  });
});

async function shown(handle: OrderHandle, shipment: string): Promise<string> {
  const query = '__temporal_workflow_metadata';
  const metadata = await handle.shipment(shipment).query<{ currentDetails: string }>(query);
  return metadata.currentDetails;
}
