/** A payment provider: holds money, takes it, gives it back. docs/partners.md describes its protocol. */
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { currency, orderId } from '../messages/fields';
import { type Account, heldOf } from './accounts';
import { type PaymentBehaviour, paymentBehaviour, Steering } from './behaviour';
import { PaymentBooks } from './paymentBooks';
import { take } from './refusal';
import { keyOf, type Partner, type PartnerOptions, startServer } from './server';

const amount = z.int().min(0);
const authorizationBody = z.object({ orderId, amount, currency });
const amountBody = z.object({ amount });
const heldQuery = z.object({
  status: z.literal('held'),
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
  after: z.string().optional(),
});

interface KeyPath {
  readonly Params: { readonly key: string };
}

interface IdPath {
  readonly Params: { readonly id: string };
}

/** @throws OrderlyError PartnerBooksUnreadable, PartnerPortTaken */
export async function startPaymentProvider(options: PartnerOptions): Promise<Partner> {
  const { name, dataDir } = options;
  const steering = new Steering(name, paymentBehaviour);
  const books = new PaymentBooks(name, join(dataDir, `${name}.jsonl`));
  return startServer({
    ...options,
    steering,
    books: () => books.sums(),
    routes: app => addRoutes(app, books, steering),
    close: async () => books.close(),
  });
}

function addRoutes(
  app: FastifyInstance,
  books: PaymentBooks,
  steering: Steering<PaymentBehaviour>,
): void {
  app.post('/authorizations', async (request, reply) => {
    const key = keyOf(request);
    const call = take(authorizationBody, request.body);
    const declined = steering.hits('decline', call.orderId) ? 'insufficient funds' : undefined;
    const { authorizationId, status, reason } = books.authorize(key, call, declined);
    return reply.status(201).send({ authorizationId, status, reason });
  });

  app.get('/authorizations', async ({ query }) => {
    const { limit, after } = take(heldQuery, query);
    return books.held(limit, after).map(asHeld);
  });

  app.get<KeyPath>('/authorizations/by-key/:key', async ({ params }) => {
    const { orderId: _, key: __, at: ___, ...known } = books.byKey(params.key);
    return known;
  });

  app.post<KeyPath>('/authorizations/by-key/:key/void', async ({ params }) => {
    const { voided } = books.void(params.key);
    return { status: 'voided', voided };
  });

  app.post<IdPath>('/authorizations/:id/captures', async (request, reply) => {
    const { amount } = take(amountBody, request.body);
    const call = { authorizationId: request.params.id, amount };
    const { captureId } = books.capture(keyOf(request), call);
    return reply.status(201).send({ captureId });
  });

  app.get<KeyPath>('/captures/by-key/:key', async ({ params }) => {
    const { captureId } = books.captureByKey(params.key);
    return { captureId };
  });

  app.post<IdPath>('/captures/:id/refunds', async (request, reply) => {
    const { amount } = take(amountBody, request.body);
    const { refundId } = books.refund(keyOf(request), { captureId: request.params.id, amount });
    return reply.status(201).send({ refundId });
  });

  app.get<KeyPath>('/refunds/by-key/:key', async ({ params }) => {
    const { refundId } = books.refundByKey(params.key);
    return { refundId };
  });
}

function asHeld(account: Account) {
  const { authorizationId, orderId, key, amount, currency, captured, voided, at } = account;
  return {
    authorizationId,
    orderId,
    key,
    amount,
    currency,
    captured,
    voided,
    held: heldOf(account),
    at,
  };
}
