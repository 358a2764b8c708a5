import { startPaymentProvider } from '../../src/partners/paymentProvider';
import { call } from '../partners/calling';
import { quiet } from '../support/kafka';
import { testFolder } from '../support/testFolder';

/** The project's own payment provider, on a port of its own, with the calls that others would make there. */
export async function openBank(name: string) {
  const { url, stop } = await startPaymentProvider({
    name,
    port: 0,
    dataDir: testFolder(),
    logger: quiet,
  });
  const authorize = async (orderId: string, key = `${orderId}:authorize:1`) => {
    const body = { orderId, amount: 1_900, currency: 'EUR' };
    const answer = await call('POST', `${url}/authorizations`, { key, body });
    return (answer.body as { authorizationId: string }).authorizationId;
  };
  return {
    name,
    url,
    stop,
    authorize,
    /** Holds money for so many orders; answers with the ids of the authorizations, in their order. */
    async holdFor(orders: number): Promise<string[]> {
      const ids: string[] = [];
      for (let n = 1; n <= orders; n++) ids.push(await authorize(`${name}-${n}`));
      return ids;
    },
    void: (key: string) =>
      call('POST', `${url}/authorizations/by-key/${encodeURIComponent(key)}/void`),
    behave: (behaviour: object) => call('PUT', `${url}/behaviour`, { body: behaviour }),
  };
}

export type Bank = Awaited<ReturnType<typeof openBank>>;

/** Everything that is told, and what it ended with where it did not come to its end. */
export async function collect<Item>(items: AsyncIterable<Item>) {
  const told: Item[] = [];
  try {
    for await (const item of items) told.push(item);
    return { told };
  } catch (failure) {
    return { told, failure };
  }
}
