/** What every long-running process does alike: telemetry, health, signals, and a stop in good order. */
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { collectDefaultMetrics } from 'prom-client';
import type { Config } from '../config';
import { messageOf, OrderlyError } from '../errors';
import { createLogger, createMetrics, type Logger, type Telemetry } from '../telemetry';
import { installRuntime } from '../temporal';
import { limitDrain } from './drainLimit';
import { markHeapLessOften } from './heap';
import { startHttpServer } from './httpServer';
import { Resources } from './resources';

/** A role that runs. */
export interface Running {
  /** Why the role can't do its work now; empty when it can. */
  troubles(): Promise<readonly string[]>;
  /** Rejects if the role can't go on; absent where nothing can end it. */
  readonly failed?: Promise<never>;
}

/**
 * Starts a role; what it opens goes into `resources`, which closes it again. Once `overdue` is aborted
 * nothing may wait for a server any more: the time to drain is over.
 */
export type Role = (
  config: Config,
  telemetry: Telemetry,
  resources: Resources,
  overdue: AbortSignal,
) => Promise<Running>;

/**
 * How often the lag of the event loop is looked at. By default it is every 10 ms, which alone keeps an
 * idle process busy for 8 ms of each second (measured); every 100 ms it is less than one.
 */
const eventLoopLagMs = 100;

/** Runs a role until a signal stops it. Resolves when it has drained; rejects when it can't go on. */
export async function runRole(name: string, role: Role, config: Config): Promise<void> {
  markHeapLessOften();
  const logger = createLogger(config, name);
  const processMetrics = createMetrics(config, name);
  collectDefaultMetrics({ register: processMetrics, eventLoopMonitoringPrecision: eventLoopLagMs });
  let roleMetrics = createMetrics(config, name);
  const sdkMetricsAddress = `127.0.0.1:${await freePort()}`;
  const sdkMetricsUrl = `http://${sdkMetricsAddress}/metrics`;
  installRuntime(logger, sdkMetricsAddress);

  const stop = stopOnSignal();
  const stopping = stop.signal;
  const overdue = limitDrain(stopping, config.DRAIN_SECONDS * 1_000, () => {
    logger.error(`${name} has not drained in time, and ends as it is`);
    process.exit(1);
  });
  const resources = new Resources();
  let running: Running | undefined;
  const http = await startHttpServer({
    host: config.HTTP_HOST,
    port: config.HTTP_PORT,
    metrics: () =>
      Promise.all([processMetrics.metrics(), roleMetrics.metrics(), sdkMetricsAt(sdkMetricsUrl)]),
    troubles: async () => (running === undefined ? ['starting'] : running.troubles()),
  });
  try {
    logger.info({ url: http.url }, `${name} starts`);
    running = await whenAvailable(logger, stopping, resources, () => {
      roleMetrics = createMetrics(config, name);
      return role(config, { logger, metrics: roleMetrics }, resources, overdue);
    });
    if (running === undefined) return;
    logger.info(`${name} is ready`);
    await Promise.race([aborted(stopping), running.failed ?? aborted(stopping)]);
    logger.info(`${name} drains`);
  } finally {
    stop.abort();
    await resources.close();
    await http.stop();
    logger.info(`${name} has stopped`);
  }
  // A client that was given up tries for a while by itself; nobody waits for what comes of it.
  if (overdue.aborted) process.exit();
}

/**
 * Repeats a start while a server that it needs is away, waiting longer each time, up to 5 seconds.
 * Answers with nothing when the process is to stop before it could start.
 */
async function whenAvailable<T>(
  logger: Logger,
  stopping: AbortSignal,
  resources: Resources,
  start: () => Promise<T>,
): Promise<T | undefined> {
  const stopped = aborted(stopping);
  for (let waitMs = 250; !stopping.aborted; waitMs = Math.min(waitMs * 2, 5_000)) {
    try {
      return await start();
    } catch (thrown) {
      await resources.close();
      if (!(thrown instanceof OrderlyError && isWorthWaiting(thrown))) throw thrown;
      logger.warn({ code: thrown.code, waitMs }, `${messageOf(thrown)} ${thrown.next}`);
      await Promise.race([sleep(waitMs, undefined, { ref: false }), stopped]);
    }
  }
  return undefined;
}

/** Credentials may be changed under a process that runs; one that begins with wrong ones is told at once. */
const isWorthWaiting = ({ transient, code }: OrderlyError): boolean =>
  transient && code !== 'PostgresRefused';

/**
 * Aborts at the first signal to stop, the one of a terminal that is closed among them, and when the process
 * ends that has started this one with a channel to it. Later ones change nothing: one Ctrl-C may arrive
 * twice, from the terminal and from npm, and the drain is bounded anyway.
 */
function stopOnSignal(): AbortController {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP', 'disconnect'] as const) {
    process.on(name, () => controller.abort());
  }
  return controller;
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise(resolve => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

/** The SDK's own metrics; while no connection to Temporal is open there are none, and no one answers. */
async function sdkMetricsAt(url: string): Promise<string> {
  try {
    return await (await fetch(url)).text();
  } catch (thrown) {
    return `# no metrics of the Temporal SDK: ${messageOf(thrown)}\n`;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise(resolve => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise(resolve => server.close(resolve));
  return port;
}
