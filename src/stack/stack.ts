/** The three servers together: what `orderly stack`, the demo and the tests use. */
import { join, resolve } from 'node:path';
import type { Config } from '../config';
import { type Address, at } from './address';
import { makeFolder } from './folder';
import { kafka } from './kafka';
import type { OnProgress, ServerKind } from './kind';
import { withLock } from './lock';
import { databaseUrl, postgres } from './postgres';
import { isRunning, type ProcessIdentity } from './process';
import { knownAddress, readStack, type ServerName, type ServerRecord, serverNames } from './record';
import * as server from './server';
import { temporal } from './temporal';

const kinds: Readonly<Record<ServerName, ServerKind>> = { temporal, kafka, postgres };

/** `.orderly/` in the project. */
export const defaultStackDir = resolve(__dirname, '../../.orderly');

/** How to reach the servers; what `stack status --json` prints. */
export interface Connections {
  readonly temporal: {
    /** `host:port` */
    readonly address: string;
    readonly namespace: string;
    /** Base address of the UI. */
    readonly ui: string;
  };
  /** `host:port` each */
  readonly kafka: { readonly brokers: readonly string[] };
  readonly postgres: { readonly url: string };
}

export interface StackOptions {
  /** The data folder, which also holds `stack.json`. */
  readonly dir: string;
  readonly config: Config;
  readonly ports?: Partial<Record<ServerName, server.Ports>>;
  readonly onProgress?: OnProgress;
}

/**
 * Brings all three servers up, in parallel, and returns once each answers.
 * @throws OrderlyError of the server that could not be started; AggregateError of them when there are
 *   several. Those that could be started go on running.
 */
export function stackUp(options: StackOptions): Promise<Connections> {
  const { dir, config, ports } = options;
  return locked(dir, async () => {
    const starts = serverNames.map(name =>
      server.start(kinds[name], { ...options, ports: ports?.[name] }),
    );
    const failures = (await Promise.allSettled(starts)).flatMap(result =>
      result.status === 'rejected' ? [result.reason] : [],
    );
    if (failures.length > 1) throw new AggregateError(failures, '');
    if (failures.length === 1) throw failures[0];
    return connections(dir, config);
  });
}

/**
 * Stops what the stack of this folder started, and forgets it. Servers that were already running when
 * it came up are left alone.
 * @param fresh removes their data too
 */
export function stackDown(dir: string, options: { fresh?: boolean; onProgress?: OnProgress } = {}) {
  const { fresh = false, onProgress } = options;
  return locked(dir, async () => {
    await Promise.all(
      serverNames.map(async name => {
        const record = readStack(dir)[name];
        const stopped = await server.stop(kinds[name], dir);
        await server.forget(kinds[name], dir, fresh);
        onProgress?.(name, downMessage(record, stopped));
      }),
    );
  });
}

function downMessage(record: ServerRecord | undefined, stopped: boolean): string {
  if (stopped) return 'stopped';
  if (record === undefined) return 'was not up';
  if (record.data === undefined) return 'left running: it was not started here';
  return record.process === undefined ? 'was stopped' : 'had crashed';
}

/** What each server is doing now, whether the stack started it or not. */
export async function stackStatus(
  dir: string,
  config: Config,
): Promise<Record<ServerName, server.ServerStatus>> {
  const [temporalNow, kafkaNow, postgresNow] = await Promise.all([
    server.status(temporal, dir, config),
    server.status(kafka, dir, config),
    server.status(postgres, dir, config),
  ]);
  return { temporal: temporalNow, kafka: kafkaNow, postgres: postgresNow };
}

/** A server as the process as which a stack started it. */
export interface StartedServer {
  readonly name: ServerName;
  readonly title: string;
  readonly log: string;
  readonly process: ProcessIdentity;
}

/** What the stack of this folder has started, now or by an earlier command. */
export function startedServers(dir: string): StartedServer[] {
  const known = readStack(dir);
  return serverNames.flatMap(name => {
    const { process, log = '' } = known[name] ?? {};
    return process === undefined ? [] : [{ name, title: kinds[name].title, log, process }];
  });
}

/** What became of a server that was started as this process. One that was started anew runs. */
export function fateOf(
  dir: string,
  name: ServerName,
  process: ProcessIdentity,
): 'running' | 'crashed' | 'stopped' {
  if (isRunning(process)) return 'running';
  const now = readStack(dir)[name]?.process;
  if (now === undefined) return 'stopped';
  return isRunning(now) ? 'running' : 'crashed';
}

/** Where the servers of this folder are; those not started here are where the configuration says, word for word. */
export function connections(dir: string, config: Config): Connections {
  const record = readStack(dir);
  const temporalAt = knownAddress(record.temporal);
  const kafkaAt = knownAddress(record.kafka);
  const postgresAt = knownAddress(record.postgres);
  return {
    temporal: {
      address: temporalAt ? at(temporalAt) : config.TEMPORAL_ADDRESS,
      namespace: config.TEMPORAL_NAMESPACE,
      ui: temporalAt ? `http://${at(uiOf(temporalAt))}` : config.TEMPORAL_UI_URL,
    },
    kafka: { brokers: kafkaAt ? [at(kafkaAt)] : config.KAFKA_BROKERS },
    postgres: {
      url: postgresAt ? databaseUrl(postgresAt, config) : config.DATABASE_URL.reveal(),
    },
  };
}

const uiOf = ({ host, uiPort = 8233 }: Address): Address => ({ host, port: uiPort });

/** The environment variables that point Orderly at these servers. */
export function connectionVariables(to: Connections): Record<string, string> {
  return {
    TEMPORAL_ADDRESS: to.temporal.address,
    TEMPORAL_NAMESPACE: to.temporal.namespace,
    TEMPORAL_UI_URL: to.temporal.ui,
    KAFKA_BROKERS: to.kafka.brokers.join(','),
    DATABASE_URL: to.postgres.url,
  };
}

/** Starts one server of the stack in `options.dir`, or finds it running; returns once it answers. */
export function startServer(name: ServerName, options: server.StartOptions): Promise<ServerRecord> {
  return locked(options.dir, () => server.start(kinds[name], options));
}

/** Stops one server in order. `startServer` brings it back on the same ports and data. */
export async function stopServer(name: ServerName, dir: string): Promise<void> {
  await locked(dir, () => server.stop(kinds[name], dir));
}

/** Ends one server by SIGKILL. `startServer` brings it back on the same ports and data. */
export function killServer(name: ServerName, dir: string): Promise<void> {
  return locked(dir, () => server.kill(kinds[name], dir));
}

function locked<T>(dir: string, work: () => Promise<T>): Promise<T> {
  makeFolder(dir);
  return withLock(join(dir, 'stack.lock'), work);
}
