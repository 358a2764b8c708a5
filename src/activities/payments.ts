/**
 * Payments, as a workflow calls them. Money is never taken twice for one order, and not held twice for
 * longer than a provider is silent:
 *
 * - The first attempt of an authorization sends it. Where it certainly did not arrive, or was turned away,
 *   it ends for good, and the workflow takes the next provider.
 * - Every later attempt asks first, since an earlier one may have been heard; that there was one is in
 *   Temporal's history, so nothing else needs to remember it. A provider that has voided the key will never
 *   hold anything under it, and is left for the next one. One that can not be asked is left when the
 *   workflow gives it up, and the workflow voids the key then, for as long as that takes.
 * - Captures, refunds and voids are repeated under the same key until the provider has answered.
 */
import { Context } from '@temporalio/activity';
import type {
  AuthorizationAnswer,
  AuthorizationRequest,
  CaptureRequest,
  RefundRequest,
  VoidRequest,
} from '../domain/payment';
import { type ErrorCode, messageOf, OrderlyError } from '../errors';
import type { PaymentGateway } from '../providers/paymentGateway';
import type { KnownAuthorization, PaymentProvider } from '../providers/paymentProvider';
import { withFailures } from './failure';

export function createPaymentActivities({
  gateway,
}: {
  gateway: Pick<PaymentGateway, 'provider'>;
}) {
  return {
    /**
     * Fails for good with PaymentProviderUnavailable where nothing is held and another provider may be
     * tried, and with PartnerRefused or ProviderUnknown where something must be mended.
     */
    authorizePayment: withFailures(
      async (request: AuthorizationRequest): Promise<AuthorizationAnswer> => {
        const provider = gateway.provider(request.provider);
        const isFirst = Context.current().info.attempt === 1;
        const known = await (isFirst ? send(provider, request) : settle(provider, request));
        if (known.status !== 'voided') return known;
        throw failure('PaymentProviderUnavailable', request, 'its key is void.');
      },
    ),
    capturePayment: withFailures(async (request: CaptureRequest) =>
      gateway.provider(request.provider).capture(request),
    ),
    refundPayment: withFailures(async (request: RefundRequest) =>
      gateway.provider(request.provider).refund(request),
    ),
    voidPayment: withFailures(async (request: VoidRequest) =>
      gateway.provider(request.provider).void(request),
    ),
  };
}

export type PaymentActivities = ReturnType<typeof createPaymentActivities>;

async function send(
  provider: PaymentProvider,
  request: AuthorizationRequest,
): Promise<KnownAuthorization> {
  try {
    return await provider.authorize(request);
  } catch (thrown) {
    switch (codeOf(thrown)) {
      case 'PartnerUnavailable':
        throw failure('PaymentProviderUnavailable', request, thrown);
      case 'PartnerOutcomeUnknown':
        throw failure('PaymentOutcomeUnknown', request, thrown);
      default:
        throw thrown;
    }
  }
}

/** Finds out what became of earlier attempts. Whatever keeps it from that leaves the outcome unknown. */
async function settle(
  provider: PaymentProvider,
  request: AuthorizationRequest,
): Promise<KnownAuthorization> {
  try {
    const known = await provider.find(request.key);
    if (known !== undefined) return known;
    await provider.void(request);
    return { status: 'voided' };
  } catch (thrown) {
    if (codeOf(thrown) === undefined) throw thrown;
    throw failure('PaymentOutcomeUnknown', request, thrown);
  }
}

const codeOf = (thrown: unknown): ErrorCode | undefined =>
  thrown instanceof OrderlyError ? thrown.code : undefined;

const failure = (
  code: 'PaymentProviderUnavailable' | 'PaymentOutcomeUnknown',
  { provider }: AuthorizationRequest,
  why: unknown,
): OrderlyError => new OrderlyError(code, { provider, detail: messageOf(why) }, { cause: why });
