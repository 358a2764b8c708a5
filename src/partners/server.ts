/** The HTTP server of a partner: its routes, with the troubles that its behaviour asks for. */
import { setTimeout as sleep } from 'node:timers/promises';
import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { z } from 'zod';
import { messageOf, OrderlyError } from '../errors';
import type { Logger } from '../telemetry';
import { Attempts, type Behaviour, draw, type Steering } from './behaviour';
import { Refusal, take } from './refusal';

/** Where a partner listens, and where its books are. */
export interface PartnerOptions {
  /** Names the partner, in its ids and on the command line. */
  readonly name: string;
  /** Default: 127.0.0.1. */
  readonly host?: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** The folder of its journal; made where it is missing. */
  readonly dataDir: string;
  readonly logger: Logger;
}

export interface Partner {
  /** Base address, without a slash at its end. */
  readonly url: string;
  /** Finishes what is under way and closes the books; safe to repeat. What is open goes on after a start. */
  stop(): Promise<void>;
}

interface ServerOptions extends Omit<PartnerOptions, 'dataDir'> {
  readonly steering: Steering<Behaviour & { readonly loseAnswer?: number }>;
  /** What `GET /books` answers. */
  readonly books: () => object;
  /** Adds the calls of the business: those that troubles can hit. */
  readonly routes: (app: FastifyInstance) => void;
  /** Closes what the calls work on: after the last one, or when the server could not start. */
  readonly close: () => Promise<void>;
}

/** An idempotency key holds an order id and more, and may come percent-encoded. */
const longestKey = 200;

/** @throws OrderlyError PartnerPortTaken */
export async function startServer(options: ServerOptions): Promise<Partner> {
  const { name, host = '127.0.0.1', port, steering, books, routes, logger } = options;
  const app = fastify({ routerOptions: { maxParamLength: longestKey * 3 } });
  const stopping = new AbortController();
  app.setErrorHandler((thrown, _request, reply) => {
    const refusal = refusalOf(thrown);
    if (refusal === undefined) logger.error({ name, detail: messageOf(thrown) }, 'a call failed');
    const { status, code, reason } = refusal ?? {
      status: 500,
      code: 'Internal',
      reason: messageOf(thrown),
    };
    return reply.status(status).send({ code, reason });
  });
  app.setNotFoundHandler(() => {
    throw new Refusal('NotFound', 'there is no such path');
  });
  app.get('/books', async () => books());
  app.get('/behaviour', async () => steering.behaviour);
  app.put('/behaviour', async ({ body }) => {
    const behaviour = steering.set(body);
    logger.info({ name, ...behaviour }, `${name} behaves as told`);
    return behaviour;
  });
  app.register(async business => {
    addTroubles(business, name, steering, stopping.signal);
    routes(business);
  });

  app.addHook('onClose', options.close);

  const url = await listen(app, name, host, port);
  logger.info({ name, url }, `${name} listens`);
  let stopped: Promise<void> | undefined;
  return {
    url,
    stop() {
      stopping.abort();
      stopped ??= app.close();
      return stopped;
    },
  };
}

async function listen(app: FastifyInstance, name: string, host: string, port: number) {
  try {
    return await app.listen({ host, port });
  } catch (thrown) {
    await app.close();
    const detail = messageOf(thrown);
    throw new OrderlyError('PartnerPortTaken', { name, port, detail }, { cause: thrown });
  }
}

/** What a call is about: the same call again is the next attempt at the same subject. */
const subjectOf = ({ method, url, headers }: FastifyRequest): string =>
  `${method} ${url} ${headers['idempotency-key'] ?? ''}`;

function addTroubles(
  app: FastifyInstance,
  name: string,
  steering: ServerOptions['steering'],
  stopping: AbortSignal,
): void {
  const attempts = new Attempts();
  const lost = new WeakSet<FastifyRequest>();

  app.addHook('onRequest', async request => {
    const subject = subjectOf(request);
    const attempt = attempts.next(subject);
    if (
      steering.behaviour.loseAnswer !== undefined &&
      steering.hits('loseAnswer', subject, attempt)
    ) {
      lost.add(request);
    }
    const fails = steering.hits('fail', subject, attempt);
    const { latencyMs } = steering.behaviour;
    if (latencyMs > 0) await sleep(latencyMs, undefined, { signal: stopping }).catch(() => {});
    if (fails) throw new Refusal('Unavailable', `${name} is down`);
  });

  // Half of the lost answers are a connection that ends, half an answer that hides what was done.
  app.addHook('onSend', async (request, reply, payload) => {
    if (!lost.has(request)) return payload;
    if (draw(name, 'how', subjectOf(request)) < 0.5) {
      request.raw.socket.destroy();
      return payload;
    }
    reply.status(503);
    return JSON.stringify({ code: 'Unavailable', reason: 'the answer got lost' });
  });
}

function refusalOf(thrown: unknown): Pick<Refusal, 'status' | 'code' | 'reason'> | undefined {
  if (thrown instanceof Refusal) return thrown;
  // Of the framework: a body that is not JSON, for example.
  const status = thrown instanceof Error && 'statusCode' in thrown ? thrown.statusCode : undefined;
  return typeof status === 'number' && status < 500
    ? new Refusal('Invalid', messageOf(thrown))
    : undefined;
}

const keyHeader = z.object({
  'idempotency-key': z.string().min(1).max(longestKey),
});

/** The idempotency key of a call that changes something. @throws Refusal Invalid */
export const keyOf = (request: FastifyRequest): string =>
  take(keyHeader, request.headers)['idempotency-key'];
