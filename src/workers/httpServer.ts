/** `/healthz`, `/readyz` and `/metrics` of a process. */
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Registry } from 'prom-client';
import { messageOf, OrderlyError } from '../errors';

export interface HttpServerOptions {
  readonly host: string;
  readonly port: number;
  /** All metrics of the process, each part in Prometheus' text format. */
  readonly metrics: () => Promise<readonly string[]>;
  /** Why this process can't do its work now; empty when it can. */
  readonly troubles: () => Promise<readonly string[]>;
}

export interface HttpServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** @throws OrderlyError HttpPortTaken */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const server = createServer((request, response) => {
    answer(options, request.url ?? '/', response).catch(failure => {
      send(response, 500, `${messageOf(failure)}\n`);
    });
  });
  await listen(server, options);
  const { port } = server.address() as AddressInfo;
  return { url: `http://${options.host}:${port}`, stop: () => close(server) };
}

async function listen(
  server: Server,
  { host, port }: Pick<HttpServerOptions, 'host' | 'port'>,
): Promise<void> {
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (cause) {
    throw new OrderlyError('HttpPortTaken', { host, port, detail: messageOf(cause) }, { cause });
  }
}

async function answer(options: HttpServerOptions, url: string, response: ServerResponse) {
  switch (url.split('?', 1)[0]) {
    case '/healthz':
      return send(response, 200, 'ok\n');
    case '/readyz': {
      const troubles = await options.troubles();
      if (troubles.length === 0) return send(response, 200, 'ready\n');
      return send(response, 503, `${troubles.join('\n')}\n`);
    }
    case '/metrics': {
      const body = (await options.metrics()).join('\n');
      return send(response, 200, body, Registry.PROMETHEUS_CONTENT_TYPE);
    }
    default:
      return send(response, 404, 'There is /healthz, /readyz and /metrics.\n');
  }
}

function send(response: ServerResponse, status: number, body: string, type = 'text/plain'): void {
  response.writeHead(status, { 'content-type': type });
  response.end(body);
}

function close(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise(resolve => server.close(() => resolve()));
}
