/**
 * Payments, as a workflow calls them. Money is never taken twice for one order, and not held twice for
 * longer than a provider is silent:
 *
 * - The first attempt of an authorization sends it. Where it certainly did not arrive, or was turned away,
 *   it ends for good, and the workflow takes the next provider.
 * - Every later attempt asks first, since an earlier one may have been heard; that there was one is in
 *   Temporal's history, so nothing else needs to remember it.
 * - A key is voided by the workflow only, when it has given the provider up: one that can not be asked, or
 *   that has not heard of the key yet. A void that was sent from here could get lost on its way and arrive
 *   after a later attempt had found the money held; its capture would be refused then.
 * - Captures and refunds are asked for in the same way, and then repeated under their key, which stays
 *   good where one arrives between the question and the repetition. So are voids, which say where the key
 *   is to end and not what is to be done.
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
     * tried, and with PartnerRefused or ProviderUnknown where something must be mended. PaymentNotArrived
     * says that the caller should give the provider up at once.
     */
    authorizePayment: withFailures(
      async (request: AuthorizationRequest): Promise<AuthorizationAnswer> => {
        const provider = gateway.provider(request.provider);
        const known = await (isFirst() ? send(provider, request) : settle(provider, request));
        if (known.status !== 'voided') return known;
        throw failure('PaymentProviderUnavailable', request, 'its key is void.');
      },
    ),
    /** Fails for good only where nothing was taken, by this attempt or by one before it. */
    capturePayment: withFailures(async (request: CaptureRequest) => {
      const provider = providerToCapture(gateway, request);
      const known = isFirst() ? undefined : await provider.findCapture(request.key);
      return known ?? provider.capture(request);
    }),
    refundPayment: withFailures(async (request: RefundRequest) => {
      const provider = gateway.provider(request.provider);
      if (isFirst() || !(await provider.isRefunded(request.key))) await provider.refund(request);
    }),
    voidPayment: withFailures(async (request: VoidRequest) =>
      gateway.provider(request.provider).void(request),
    ),
  };
}

export type PaymentActivities = ReturnType<typeof createPaymentActivities>;

/** One that has left the configuration after it was asked may have done what it was asked. */
function providerToCapture(
  gateway: Pick<PaymentGateway, 'provider'>,
  { provider }: CaptureRequest,
): PaymentProvider {
  try {
    return gateway.provider(provider);
  } catch (thrown) {
    if (isFirst() || codeOf(thrown) !== 'ProviderUnknown') throw thrown;
    const parameters = { partner: provider, detail: messageOf(thrown) };
    throw new OrderlyError('PartnerOutcomeUnknown', parameters, { cause: thrown });
  }
}

/** Every later attempt may follow one that was heard. */
const isFirst = (): boolean => Context.current().info.attempt === 1;

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
  let known: KnownAuthorization | undefined;
  try {
    known = await provider.find(request.key);
  } catch (thrown) {
    if (codeOf(thrown) === undefined) throw thrown;
    throw failure('PaymentOutcomeUnknown', request, thrown);
  }
  if (known !== undefined) return known;
  throw new OrderlyError('PaymentNotArrived', { provider: request.provider });
}

const codeOf = (thrown: unknown): ErrorCode | undefined =>
  thrown instanceof OrderlyError ? thrown.code : undefined;

const failure = (
  code: 'PaymentProviderUnavailable' | 'PaymentOutcomeUnknown',
  { provider }: AuthorizationRequest,
  why: unknown,
): OrderlyError => new OrderlyError(code, { provider, detail: messageOf(why) }, { cause: why });
