/** The one way to reach Temporal, and what must exist there before orders can run. */
import { readFileSync } from 'node:fs';
import { Client, Connection, type TLSConfig } from '@temporalio/client';
import type { LogLevel, LogMetadata, NativeConnection } from '@temporalio/worker';
import type { Config } from './config';
import { messageOf, OrderlyError } from './errors';
import type { Logger } from './telemetry';

export type TemporalSettings = Pick<
  Config,
  | 'TEMPORAL_ADDRESS'
  | 'TEMPORAL_NAMESPACE'
  | 'TEMPORAL_API_KEY'
  | 'TEMPORAL_TLS'
  | 'TEMPORAL_TLS_CLIENT_CERT_PATH'
  | 'TEMPORAL_TLS_CLIENT_KEY_PATH'
  | 'TEMPORAL_TLS_SERVER_CA_CERT_PATH'
  | 'TEMPORAL_TLS_SERVER_NAME'
>;

/**
 * Sets up the native runtime of this process: its logs join ours, its metrics listen on
 * `metricsAddress`, and signals stay ours, because a stop has an order (consumer, worker, producer).
 */
export function installRuntime(logger: Logger, metricsAddress: string): void {
  const write = (level: LogLevel, message: string, meta?: LogMetadata) =>
    logger[pinoLevels[level]](meta ?? {}, message);
  worker().Runtime.install({
    shutdownSignals: [],
    logger: {
      log: write,
      trace: (message, meta) => write('TRACE', message, meta),
      debug: (message, meta) => write('DEBUG', message, meta),
      info: (message, meta) => write('INFO', message, meta),
      warn: (message, meta) => write('WARN', message, meta),
      error: (message, meta) => write('ERROR', message, meta),
    },
    telemetryOptions: {
      logging: { filter: { core: 'WARN', other: 'ERROR' }, forward: {} },
      metrics: { prometheus: { bindAddress: metricsAddress } },
    },
  });
}

const pinoLevels = {
  TRACE: 'trace',
  DEBUG: 'debug',
  INFO: 'info',
  WARN: 'warn',
  ERROR: 'error',
} as const satisfies Record<LogLevel, string>;

/**
 * The SDK packs every request by default, and so has the server unpack it and pack its answer: for a
 * kilobyte or two, several times per order (docs/performance.md).
 */
const grpcCompression = { codec: 'none' } as const;

/**
 * A connection for processes that also run workers or start many workflows.
 * @throws OrderlyError TemporalUnavailable; ConfigInvalid where a file of TLS is missing or can not be read
 */
export async function connectNative(config: TemporalSettings): Promise<NativeConnection> {
  const options = { ...connectionOptions(config), grpcCompression };
  return unlessUnavailable(config, () => worker().NativeConnection.connect(options));
}

/** A light connection for the command line. @throws as the other one */
export async function connect(config: TemporalSettings): Promise<Connection> {
  const options = connectionOptions(config);
  return unlessUnavailable(config, () => Connection.connect(options));
}

export function createClient(
  connection: Connection | NativeConnection,
  config: TemporalSettings,
): Client {
  return new Client({ connection, namespace: config.TEMPORAL_NAMESPACE });
}

/** Loaded only by whoever runs workers: its native part takes longer to load than a command to run. */
const worker = (): typeof import('@temporalio/worker') => require('@temporalio/worker');

/** How a client reaches the server. @throws OrderlyError ConfigInvalid */
export function connectionOptions(config: TemporalSettings) {
  return {
    address: config.TEMPORAL_ADDRESS,
    apiKey: config.TEMPORAL_API_KEY?.reveal(),
    tls: tlsOptions(config),
  };
}

function tlsOptions(config: TemporalSettings): TLSConfig | undefined {
  const certificate = config.TEMPORAL_TLS_CLIENT_CERT_PATH;
  const key = config.TEMPORAL_TLS_CLIENT_KEY_PATH;
  const ca = config.TEMPORAL_TLS_SERVER_CA_CERT_PATH;
  const wanted =
    config.TEMPORAL_TLS ?? (certificate ?? key ?? ca ?? config.TEMPORAL_API_KEY) !== undefined;
  if (!wanted) return undefined;
  if ((certificate === undefined) !== (key === undefined)) {
    const detail = 'TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH need each other';
    throw new OrderlyError('ConfigInvalid', { detail });
  }
  return {
    serverNameOverride: config.TEMPORAL_TLS_SERVER_NAME,
    serverRootCACertificate:
      ca === undefined ? undefined : readPem('TEMPORAL_TLS_SERVER_CA_CERT_PATH', ca),
    clientCertPair:
      certificate === undefined || key === undefined
        ? undefined
        : {
            crt: readPem('TEMPORAL_TLS_CLIENT_CERT_PATH', certificate),
            key: readPem('TEMPORAL_TLS_CLIENT_KEY_PATH', key),
          },
  };
}

function readPem(variable: keyof TemporalSettings, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new OrderlyError(
      'ConfigInvalid',
      { detail: `${variable}: ${path} can not be read` },
      { cause },
    );
  }
}

async function unlessUnavailable<T>(
  { TEMPORAL_ADDRESS: address }: TemporalSettings,
  reach: () => Promise<T>,
): Promise<T> {
  try {
    return await reach();
  } catch (cause) {
    throw new OrderlyError('TemporalUnavailable', { address, detail: messageOf(cause) }, { cause });
  }
}
