/** Asks both payment providers what they have of each order: the sums in their books name no orders. */
import { z } from 'zod';
import { Batcher } from '../../batcher';
import { type PartnerName, partnerUrl } from '../partners/ask';
import { behaveWell } from './partners';
import type { Session } from './session';
import type { Charges } from './sums';

const providers = ['payment-a', 'payment-b'] as const satisfies readonly PartnerName[];

/**
 * An order that no provider answered asks them again, under another key, after 5, 10 and 20 seconds: a
 * fifth round would begin after the demonstration's deadline for payments.
 */
const rounds = [1, 2, 3, 4] as const;

const authorization = z.object({ amount: z.int(), voided: z.int(), status: z.string() });

const callsAtOnce = 8;
const patienceMs = 5_000;

/** The partners behave well from then on. @throws OrderlyError PartnerSilent */
export async function twiceCharged(session: Session, signal: AbortSignal): Promise<Charges> {
  await behaveWell(session.config);
  const lookups = new Batcher<string, number>({
    run: async ([url]) => [await kept(url!, signal)],
    maxItems: 1,
    lanes: callsAtOnce,
  });
  const keptBy = async (name: PartnerName, orderId: string): Promise<number> => {
    const path = `${partnerUrl(session.config, name)}/authorizations/by-key`;
    const amounts = await Promise.all(
      rounds.map(round => lookups.add(`${path}/${orderId}:authorize:${round}`)),
    );
    return amounts.reduce((sum, amount) => sum + amount, 0);
  };
  const twice = await Promise.all(
    [...session.tally.decidedOrders].map(async orderId => {
      const amounts = await Promise.all(providers.map(name => keptBy(name, orderId)));
      return amounts.every(amount => amount > 0) ? [orderId] : [];
    }),
  );
  return { twice: twice.flat() };
}

/** What of an authorization was not let go, in minor units; nothing where there is none. */
async function kept(url: string, signal: AbortSignal): Promise<number> {
  signal.throwIfAborted();
  const response = await fetch(url, { signal: AbortSignal.timeout(patienceMs) });
  if (response.status === 404) return 0;
  const { amount, voided, status } = authorization.parse(await response.json());
  return status === 'declined' ? 0 : amount - voided;
}
