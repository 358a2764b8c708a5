/** The one way to reach Temporal, and what must exist there before orders can run. */
import { readFileSync } from 'node:fs';
import { Client, Connection, type TLSConfig } from '@temporalio/client';
import { SearchAttributeType } from '@temporalio/common';
import type { LogLevel, LogMetadata, NativeConnection } from '@temporalio/worker';
import type { Config } from './config';
import { orderSearchAttributes } from './domain/searchAttributes';
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

/** A connection for processes that also run workers or start many workflows. */
export async function connectNative(config: TemporalSettings): Promise<NativeConnection> {
  return unlessUnavailable(config, () =>
    worker().NativeConnection.connect(connectionOptions(config)),
  );
}

/** A light connection for the command line. */
export async function connect(config: TemporalSettings): Promise<Connection> {
  return unlessUnavailable(config, () => Connection.connect(connectionOptions(config)));
}

export function createClient(
  connection: Connection | NativeConnection,
  config: TemporalSettings,
): Client {
  return new Client({ connection, namespace: config.TEMPORAL_NAMESPACE });
}

/** Creates the search attributes that are missing. Safe to repeat, and by several starters at once. */
export async function ensureSearchAttributes(
  connection: Connection | NativeConnection,
  namespace: string,
): Promise<void> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  const known = customAttributes ?? {};
  const missing = Object.values(orderSearchAttributes).filter(({ name }) => !(name in known));
  if (missing.length > 0) await addSearchAttributes(connection, namespace, missing);
}

/** Creates these search attributes, whether or not they are there. */
export async function addSearchAttributes(
  connection: Connection | NativeConnection,
  namespace: string,
  keys: readonly { readonly name: string; readonly type: SearchAttributeType }[] = Object.values(
    orderSearchAttributes,
  ),
): Promise<void> {
  const searchAttributes = Object.fromEntries(
    keys.map(({ name, type }) => [name, indexedValueTypes[type]]),
  );
  await connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
}

/** `temporal.api.enums.v1.IndexedValueType`. */
const indexedValueTypes: Record<SearchAttributeType, number> = {
  [SearchAttributeType.TEXT]: 1,
  [SearchAttributeType.KEYWORD]: 2,
  [SearchAttributeType.INT]: 3,
  [SearchAttributeType.DOUBLE]: 4,
  [SearchAttributeType.BOOL]: 5,
  [SearchAttributeType.DATETIME]: 6,
  [SearchAttributeType.KEYWORD_LIST]: 7,
};

/** Loaded only by whoever runs workers: its native part takes longer to load than a command to run. */
const worker = (): typeof import('@temporalio/worker') => require('@temporalio/worker');

function connectionOptions(config: TemporalSettings) {
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
    config.TEMPORAL_TLS ?? (certificate ?? ca ?? config.TEMPORAL_API_KEY) !== undefined;
  if (!wanted) return undefined;
  return {
    serverNameOverride: config.TEMPORAL_TLS_SERVER_NAME,
    serverRootCACertificate: ca === undefined ? undefined : readFileSync(ca),
    clientCertPair:
      certificate === undefined || key === undefined
        ? undefined
        : { crt: readFileSync(certificate), key: readFileSync(key) },
  };
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
