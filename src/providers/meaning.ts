/**
 * What the answer of a partner means, or its silence: was it done? A request that is certainly not done
 * may go elsewhere; one whose outcome is unknown must be asked for, or repeated under the same key.
 */
import type { z } from 'zod';
import { OrderlyError } from '../errors';
import type { Reply } from './call';

/**
 * `reply`: the partner said what it did, or why it did not. `not-done`: certainly not, but it may be later.
 * `unknown`: perhaps.
 */
export type Meaning = 'reply' | 'not-done' | 'unknown';

const tooManyRequests = 429;
const requestTimeout = 408;

/**
 * What an HTTP status says. A server that fails (5xx) may have failed after it did the work; one that waited
 * in vain for the request (408) may have had all of it.
 */
export function meaningOfStatus(status: number): Meaning {
  if (status === tooManyRequests) return 'not-done';
  if (status === requestTimeout) return 'unknown';
  const isReply = (status >= 200 && status < 300) || (status >= 400 && status < 500);
  return isReply ? 'reply' : 'unknown';
}

/** Codes of Node and of its fetch for what happens before the first byte leaves. */
const beforeSending: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/** What a thrown call says. Of several addresses that were tried, each must have refused. */
export const meaningOfThrown = (thrown: unknown): Exclude<Meaning, 'reply'> =>
  rootsOf(thrown).every(root => beforeSending.has(nameOf(root))) ? 'not-done' : 'unknown';

/** The names of what went wrong underneath, without what may be personal data. */
export const detailOfThrown = (thrown: unknown): string =>
  [...new Set(rootsOf(thrown).map(nameOf))].join(', ');

/** @throws OrderlyError PartnerUnavailable or PartnerOutcomeUnknown */
export function fail(
  partner: string,
  meaning: Exclude<Meaning, 'reply'>,
  detail: string,
  cause?: unknown,
): never {
  const code = meaning === 'not-done' ? 'PartnerUnavailable' : 'PartnerOutcomeUnknown';
  throw new OrderlyError(code, { partner, detail }, { cause });
}

/**
 * The content of a reply that says that it is done.
 * @throws OrderlyError PartnerRefused for a 4xx; PartnerOutcomeUnknown for what can not be understood
 */
export function answerOf<Schema extends z.ZodType>(
  partner: string,
  reply: Reply,
  schema: Schema,
): z.output<Schema> {
  if (reply.status >= 400) {
    throw new OrderlyError('PartnerRefused', { partner, detail: refusalOf(reply) });
  }
  const { success, data } = schema.safeParse(reply.body);
  return success ? data : fail(partner, 'unknown', 'its answer can not be understood');
}

/** A refusal in the partner's own terms. */
export const refusalOf = (reply: Reply): string =>
  [`status ${reply.status}`, codeOf(reply)].filter(part => part !== undefined).join(', ');

/** The `code` with which a partner says why it refused: a word, since it is logged. */
export const codeOf = ({ body }: Reply): string | undefined => {
  const code = textField(body, 'code');
  return code !== undefined && /^\w{1,40}$/.test(code) ? code : undefined;
};

function rootsOf(thrown: unknown, depth = 0): readonly unknown[] {
  if (typeof thrown !== 'object' || thrown === null || depth > 5) return [thrown];
  const { errors, cause }: { errors?: unknown; cause?: unknown } = thrown;
  if (Array.isArray(errors) && errors.length > 0) {
    return errors.flatMap(inner => rootsOf(inner, depth + 1));
  }
  return cause === undefined ? [thrown] : rootsOf(cause, depth + 1);
}

const nameOf = (thrown: unknown): string =>
  textField(thrown, 'code') ?? textField(thrown, 'name') ?? typeof thrown;

function textField(value: unknown, name: string): string | undefined {
  if (typeof value !== 'object' || value === null || !(name in value)) return undefined;
  const field = (value as Record<string, unknown>)[name];
  return typeof field === 'string' ? field : undefined;
}
