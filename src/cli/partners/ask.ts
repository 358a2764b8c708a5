/** How the commands reach the partners: by the same addresses as everyone else. */
import { z } from 'zod';
import type { Config } from '../../config';
import { messageOf, OrderlyError } from '../../errors';

export type PartnerName = keyof Config['PARTNERS_PORTS'];

export const partnerNames: readonly PartnerName[] = [
  'payment-a',
  'payment-b',
  'carrier',
  'warehouse',
];

/** Where a partner listens. */
export const partnerUrl = (config: Config, name: PartnerName): string =>
  `http://${config.HTTP_HOST}:${config.PARTNERS_PORTS[name]}`;

const patienceMs = 5_000;

const refusal = z.object({ reason: z.string() });

/**
 * Asks a partner about itself, or tells it how to behave; neither meets the troubles of its behaviour.
 * @param body sent by PUT where given
 * @throws OrderlyError PartnerSilent, UsageInvalid where the partner does not take the body
 */
export async function ask<T>(
  config: Config,
  name: PartnerName,
  path: '/behaviour' | '/books',
  answer: z.ZodType<T>,
  body?: object,
): Promise<T> {
  const url = partnerUrl(config, name);
  try {
    const response = await fetch(`${url}${path}`, {
      signal: AbortSignal.timeout(patienceMs),
      ...(body !== undefined && {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    });
    const content: unknown = await response.json();
    if (response.status !== 400) return answer.parse(content);
    const { reason } = refusal.parse(content);
    throw new OrderlyError('UsageInvalid', { detail: `${name} does not take that: ${reason}` });
  } catch (thrown) {
    if (thrown instanceof OrderlyError) throw thrown;
    const cause = thrown instanceof Error && thrown.cause !== undefined ? thrown.cause : thrown;
    const detail = cause instanceof z.ZodError ? 'what answers is no partner' : messageOf(cause);
    throw new OrderlyError('PartnerSilent', { name, url, detail }, { cause: thrown });
  }
}
