/** What every long-running process does alike: telemetry, health, signals, and a stop in good order. */

import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import type { Config } from '../config';
import { messageOf, OrderlyError } from '../errors';
import { createTelemetry, type Logger, type Telemetry } from '../telemetry';
import { installRuntime } from '../temporal';
import { startHttpServer } from './httpServer';

/** A role that runs. */
export interface Running {
  /** Why the role can't do its work now; empty when it can. */
  troubles(): Promise<readonly string[]>;
  /** Rejects if the role can't go on. Never resolves before `stop`. */
  readonly failed: Promise<never>;
  /** Drains and closes everything, in order: consumer, worker, producer. */
  stop(): Promise<void>;
}

export type Role = (config: Config, telemetry: Telemetry) => Promise<Running>;

/** Runs a role until a signal stops it. Resolves when it has drained; rejects when it can't go on. */
export async function runRole(name: string, role: Role, config: Config): Promise<void> {
  const telemetry = createTelemetry(config, name);
  const { logger } = telemetry;
  const sdkMetricsAddress = `127.0.0.1:${await freePort()}`;
  installRuntime(logger, sdkMetricsAddress);

  let running: Running | undefined;
  const http = await startHttpServer({
    host: config.HTTP_HOST,
    port: config.HTTP_PORT,
    metrics: telemetry.metrics,
    sdkMetrics: async () => (await fetch(`http://${sdkMetricsAddress}/metrics`)).text(),
    troubles: async () => (running === undefined ? ['starting'] : running.troubles()),
  });
  const signalled = signal();
  try {
    logger.info({ url: http.url }, `${name} starts`);
    running = await Promise.race([
      whenAvailable(logger, () => role(config, telemetry)),
      signalled.then(() => undefined),
    ]);
    if (running === undefined) return;
    logger.info(`${name} is ready`);
    await Promise.race([signalled, running.failed]);
    logger.info(`${name} drains`);
  } finally {
    await running?.stop();
    await http.stop();
    logger.info(`${name} has stopped`);
  }
}

/** Repeats a step while a server that it needs is away, waiting longer each time, up to 5 seconds. */
async function whenAvailable<T>(logger: Logger, step: () => Promise<T>): Promise<T> {
  for (let waitMs = 250; ; waitMs = Math.min(waitMs * 2, 5_000)) {
    try {
      return await step();
    } catch (thrown) {
      if (!(thrown instanceof OrderlyError && thrown.transient)) throw thrown;
      logger.warn({ code: thrown.code, waitMs }, `${messageOf(thrown)} ${thrown.next}`);
      await new Promise(resolve => setTimeout(resolve, waitMs));
    }
  }
}

/** Resolves at the first SIGINT or SIGTERM; a second one ends the process at once. */
function signal(): Promise<void> {
  return new Promise(resolve => {
    let signals = 0;
    const onSignal = () => {
      signals++;
      if (signals > 1) process.exit(1);
      resolve();
    };
    process.on('SIGINT', onSignal);
    process.on('SIGTERM', onSignal);
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise(resolve => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise(resolve => server.close(resolve));
  return port;
}
