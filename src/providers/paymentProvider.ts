/** The client of one payment provider. Every call may be repeated: its key makes it happen once. */
import { z } from 'zod';
import type {
  Authorization,
  AuthorizationAnswer,
  AuthorizationRequest,
  Capture,
  CaptureRequest,
  RefundRequest,
  VoidRequest,
} from '../domain/payment';
import { type Call, patience } from './call';
import { answerOf, codeOf, fail, refusalOf } from './meaning';

/** What a provider knows about a key: `voided` also where it was let go before it came. */
export type KnownAuthorization = AuthorizationAnswer | { readonly status: 'voided' };

/** Each method throws as a `Call` does, and PartnerRefused where the provider says no for good. */
export interface PaymentProvider {
  /**
   * Holds money, or answers `voided` where the key was voided before. A provider that turns the request
   * away holds nothing, and another one may take it: PartnerUnavailable. Only what no provider would take,
   * a key that came with another amount before, is PartnerRefused.
   */
  authorize(request: AuthorizationRequest): Promise<KnownAuthorization>;
  /** What became of a key; undefined where the provider has never seen it. */
  find(key: string): Promise<KnownAuthorization | undefined>;
  /** Lets go of what is held under a key, and of whatever may still come with it. */
  void(request: VoidRequest): Promise<void>;
  /** Where the caller is turned away, rather than what it asks: PartnerUnavailable. */
  capture(request: CaptureRequest): Promise<Capture>;
  /** What was captured under a key; undefined where the provider has never seen it, or does not say so. */
  findCapture(key: string): Promise<Capture | undefined>;
  refund(request: RefundRequest): Promise<void>;
  /** Whether something was given back under a key, as far as the provider says so. */
  isRefunded(key: string): Promise<boolean>;
  /** The authorizations of which something is held, all of them, by the page. */
  held(): AsyncGenerator<HeldAuthorization>;
}

/** `amount` is what was authorized, in minor units of `currency`; `at` is RFC 3339. */
export interface HeldAuthorization extends Authorization {
  readonly orderId: string;
  readonly at: string;
}

export interface PaymentProviderOptions {
  readonly name: string;
  readonly call: Call;
  /** How long a first authorization may take, in milliseconds. */
  readonly timeoutMs: number;
}

/** They speak of who asks, and say nothing of what an earlier attempt has done. */
const turnsCallerAway: ReadonlySet<number> = new Set([401, 403]);
const notFound = 404;
const conflict = 409;
const unprocessable = 422;

const decided = z
  .object({ authorizationId: z.string(), status: z.literal('authorized') })
  .or(z.object({ status: z.literal('declined'), reason: z.string().default('Declined') }));
const known = decided.or(z.object({ status: z.literal('voided') }));
const voided = z.object({ status: z.literal('voided') });
const captured = z.object({ captureId: z.string() });
const refunded = z.object({ refundId: z.string() });
const heldPage = z.array(
  z.object({
    authorizationId: z.string(),
    orderId: z.string(),
    amount: z.int(),
    currency: z.string(),
    at: z.string(),
  }),
);
const pageSize = 100;

export function createPaymentProvider(options: PaymentProviderOptions): PaymentProvider {
  const { name, call, timeoutMs } = options;
  const patiently = timeoutMs * patience;
  const move = (path: string, key: string, amount: number) =>
    call({ method: 'POST', path, timeoutMs: patiently, key, body: { amount } });
  const ask = (what: Parameters<typeof byKey>[0], key: string) =>
    call({ method: 'GET', path: byKey(what, key), timeoutMs: patiently });
  /** A refusal of the question says nothing of the move itself: what repeats it under its key finds out. */
  const findMove = async <T>(what: 'captures' | 'refunds', key: string, content: z.ZodType<T>) => {
    const reply = await ask(what, key);
    return reply.status >= 400 ? undefined : answerOf(name, reply, content);
  };
  return {
    async authorize({ key, orderId, amount, currency }) {
      const body = { orderId, amount, currency };
      const reply = await call({ method: 'POST', path: '/authorizations', timeoutMs, key, body });
      if (reply.status === conflict && codeOf(reply) === 'Voided') return { status: 'voided' };
      const isTurnedAway = reply.status >= 400 && reply.status !== unprocessable;
      return isTurnedAway
        ? fail(name, 'not-done', refusalOf(reply))
        : answerOf(name, reply, decided);
    },
    async find(key) {
      const reply = await ask('authorizations', key);
      return reply.status === notFound ? undefined : answerOf(name, reply, known);
    },
    async void({ key }) {
      const path = `${byKey('authorizations', key)}/void`;
      answerOf(name, await call({ method: 'POST', path, timeoutMs: patiently, key }), voided);
    },
    async capture({ authorizationId, key, amount }) {
      const path = `/authorizations/${encodeURIComponent(authorizationId)}/captures`;
      const reply = await move(path, key, amount);
      if (turnsCallerAway.has(reply.status)) fail(name, 'not-done', refusalOf(reply));
      return answerOf(name, reply, captured);
    },
    findCapture: key => findMove('captures', key, captured),
    async refund({ captureId, key, amount }) {
      const path = `/captures/${encodeURIComponent(captureId)}/refunds`;
      answerOf(name, await move(path, key, amount), refunded);
    },
    async isRefunded(key) {
      return (await findMove('refunds', key, refunded)) !== undefined;
    },
    async *held() {
      for (let after = ''; ; ) {
        const path = `/authorizations?status=held&limit=${pageSize}${after}`;
        const reply = await call({ method: 'GET', path, timeoutMs: patiently });
        const page = answerOf(name, reply, heldPage);
        yield* page.map(hold => ({ provider: name, ...hold }));
        const last = page.at(-1);
        if (last === undefined || page.length < pageSize) return;
        after = `&after=${encodeURIComponent(last.authorizationId)}`;
      }
    },
  };
}

const byKey = (what: 'authorizations' | 'captures' | 'refunds', key: string): string =>
  `/${what}/by-key/${encodeURIComponent(key)}`;
