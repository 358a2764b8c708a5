/**
 * The life of one local server. It is recorded in the data folder's `stack.json` as soon as its process
 * exists, and is then in one of these states:
 *
 *   stopped ──start──► running ──stop──► stopped
 *                       │   ▲
 *           (it ended by itself, or was killed)
 *                       ▼   │
 *                      crashed ── start, which says so
 *
 * A server that was already running is used, and never stopped.
 */
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Config } from '../config';
import { messageOf, OrderlyError } from '../errors';
import { type Address, at } from './address';
import type { OnProgress, Place, ServerKind } from './kind';
import { accepts, freePort, isFree } from './ports';
import { endProcess, isRunning, killProcess, spawnDetached } from './process';
import { knownAddress, readStack, type ServerRecord, writeRecord } from './record';

/** How long a server may take to answer after its start, and to stop after its signal, in milliseconds. */
const startLimit = 60_000;
const stopLimit = 15_000;

export interface Ports {
  /** 0 takes a free one. Absent: the port where the stack has it, else that of the configuration. */
  readonly port?: number;
  readonly uiPort?: number;
}

export interface StartOptions {
  readonly dir: string;
  readonly config: Config;
  readonly ports?: Ports;
  readonly onProgress?: OnProgress;
}

type ServerState = 'running' | 'silent' | 'crashed' | 'stopped';

export interface ServerStatus {
  readonly title: string;
  readonly state: ServerState;
  readonly address: Address;
  readonly record?: ServerRecord;
}

/** Finds the server running or starts it, and returns once it answers. The caller holds the stack's lock. */
export async function start(kind: ServerKind, options: StartOptions): Promise<ServerRecord> {
  const say = (message: string) => options.onProgress?.(kind.name, message);
  const dir = resolve(options.dir);
  const before = readStack(dir)[kind.name];
  if (before?.process !== undefined) {
    const { pid } = before.process;
    if (isRunning(before.process)) {
      await untilItAnswers(kind, before, options.config);
      say(`already up at ${at(before.address)} (pid ${pid}, ${before.source})`);
      return before;
    }
    say(`found crashed (pid ${pid}, log ${before.log}); starting it again`);
  }

  const address = await chooseAddress(kind, options, before);
  const silence = await silenceOf(kind, address, options.config);
  if (silence === undefined) {
    const asked = isAsked(options.ports) || knownAddress(before) !== undefined;
    const record = { address, source: 'already running', ...(asked && { asked }) };
    writeRecord(dir, kind.name, record);
    say(`ready at ${at(address)} (already running, not started here)`);
    return record;
  }
  const tried = [`already running at ${at(address)}: no, ${silence}`];
  await mustBeStartable(kind, address, options.config, { silence, tried });

  const found = await firstSource(kind, options, tried, say);
  say(`starting from ${found.source}`);
  const record = await launch(kind, { ...found, dir, address, config: options.config });
  say(`ready at ${at(address)} (pid ${record.process!.pid}, ${record.source})`);
  return record;
}

/** Stops what the stack started; its data and its ports stay. True when there was something to stop. */
export async function stop(kind: ServerKind, dir: string): Promise<boolean> {
  const record = readStack(dir)[kind.name];
  if (record?.process === undefined) return false;
  const wasRunning = isRunning(record.process);
  await endProcess(record.process, kind.stopSignal, stopLimit);
  writeRecord(dir, kind.name, { ...record, process: undefined });
  return wasRunning;
}

/** Ends the server by SIGKILL, as a crash would: it stays recorded, and is reported as crashed. */
export async function kill(kind: ServerKind, dir: string): Promise<void> {
  const identity = readStack(dir)[kind.name]?.process;
  if (identity !== undefined) await killProcess(identity);
}

/** What the server is doing now, asked of the server itself. */
export async function status(kind: ServerKind, dir: string, config: Config): Promise<ServerStatus> {
  const record = readStack(dir)[kind.name];
  const address = knownAddress(record) ?? kind.address(config);
  const known = { title: kind.title, address, record };
  if (record?.process && !isRunning(record.process)) return { ...known, state: 'crashed' };
  const silence = await silenceOf(kind, address, config);
  if (silence === undefined) return { ...known, state: 'running' };
  return { ...known, state: record?.process === undefined ? 'stopped' : 'silent' };
}

async function chooseAddress(
  kind: ServerKind,
  { ports, config }: StartOptions,
  before: ServerRecord | undefined,
): Promise<Address> {
  const usual = knownAddress(before) ?? kind.address(config);
  const host = ports?.port === undefined ? usual.host : '127.0.0.1';
  const port = await portOr(ports?.port, usual.port);
  if (usual.uiPort === undefined) return { host, port };
  return { host, port, uiPort: await portOr(ports?.uiPort, usual.uiPort) };
}

const isAsked = (ports: Ports = {}): boolean =>
  ports.port !== undefined || ports.uiPort !== undefined;

async function portOr(wanted: number | undefined, usual: number): Promise<number> {
  return wanted === 0 ? freePort() : (wanted ?? usual);
}

/** Why the server does not answer; undefined where it does. @throws OrderlyError ConfigInvalid */
async function silenceOf(
  kind: ServerKind,
  address: Address,
  config: Config,
): Promise<string | undefined> {
  try {
    await probe(kind, address, config);
    return undefined;
  } catch (error) {
    if (error instanceof OrderlyError) throw error;
    return messageOf(error);
  }
}

/** Looks at the port first: clients would try a refused connection again until their time is up. */
async function probe(kind: ServerKind, address: Address, config: Config): Promise<void> {
  await accepts(address.host, address.port);
  await kind.probe(address, config);
}

async function mustBeStartable(
  kind: ServerKind,
  { host, port }: Address,
  config: Config,
  { silence, tried }: { silence: string; tried: readonly string[] },
): Promise<void> {
  const refuse = (why: string) => unavailable(kind, [...tried, `starting it: no, ${why}`]);
  if (!['localhost', '127.0.0.1'].includes(host)) {
    throw refuse(`a server started here is at 127.0.0.1, not at ${host}`);
  }
  if (kind.isSecured(config)) {
    throw refuse('a server started here has neither the TLS nor the login that is configured');
  }
  if (await isFree(port)) return;
  const { title: server, variable } = kind;
  throw new OrderlyError('ServerPortTaken', { server, variable, port, detail: silence });
}

function unavailable(kind: ServerKind, tried: readonly string[]): OrderlyError {
  const { title: server, install } = kind;
  return new OrderlyError('ServerUnavailable', { server, install, tried: tried.join('; ') });
}

async function firstSource(
  kind: ServerKind,
  { config }: StartOptions,
  tried: string[],
  say: (message: string) => void,
): Promise<{ source: string; binary: string }> {
  for (const source of kind.sources(config)) {
    try {
      const binary = await source.find(() => say(`fetching ${source.name}, this once`));
      return { source: source.name, binary };
    } catch (error) {
      tried.push(`${source.name}: ${messageOf(error)}`);
    }
  }
  throw unavailable(kind, tried);
}

interface Launch {
  readonly dir: string;
  readonly address: Address;
  readonly config: Config;
  readonly source: string;
  readonly binary: string;
}

async function launch(kind: ServerKind, options: Launch): Promise<ServerRecord> {
  const { dir, address, config, source, binary } = options;
  const folder = join(dir, kind.name);
  const place: Place = { address, data: kind.dataFolder(join(folder, 'data')), config };
  const log = join(folder, 'server.log');
  await mkdir(folder, { recursive: true });
  await mkdir(place.data, { recursive: true });
  const command = await kind.prepare(binary, place).catch(error => {
    throw unavailable(kind, [`${source}: ${messageOf(error)}`]);
  });
  const deadline = Date.now() + startLimit;
  for (;;) {
    const identity = await spawnDetached(command, log);
    const record = { address, source, process: identity, data: place.data, log };
    writeRecord(dir, kind.name, record);
    try {
      await untilItAnswers(kind, record, config, () => kind.setUp?.(place));
      return record;
    } catch (error) {
      await stop(kind, dir);
      const isPassing = kind.passingTrouble?.test(messageOf(error)) && Date.now() < deadline;
      if (!isPassing) throw error;
    }
    await delay(100);
  }
}

async function untilItAnswers(
  kind: ServerKind,
  record: ServerRecord,
  config: Config,
  setUp: () => Promise<void> | undefined = () => undefined,
): Promise<void> {
  const deadline = Date.now() + startLimit;
  for (;;) {
    try {
      await setUp();
      return await probe(kind, record.address, config);
    } catch (error) {
      if (error instanceof OrderlyError) throw error;
      const { log = '' } = record;
      const facts = { server: kind.title, address: at(record.address), log };
      if (record.process !== undefined && !isRunning(record.process)) {
        throw new OrderlyError('ServerEnded', { ...facts, tail: await tailOf(log) });
      }
      if (Date.now() > deadline) {
        const detail = `${messageOf(error)}: ${await tailOf(log)}`;
        throw new OrderlyError('ServerSilent', { ...facts, seconds: startLimit / 1000, detail });
      }
    }
    await delay(50);
  }
}

async function tailOf(log: string): Promise<string> {
  return (await readFile(log, 'utf8')).trim().split('\n').slice(-10).join('\n');
}

/** Removes what the server stored, and what is recorded about it. It must have been stopped. */
export async function forget(kind: ServerKind, dir: string, data: boolean): Promise<void> {
  const folder = join(resolve(dir), kind.name);
  const stored = readStack(dir)[kind.name]?.data ?? kind.dataFolder(join(folder, 'data'));
  writeRecord(dir, kind.name, undefined);
  if (!data) return;
  await rm(stored, { recursive: true, force: true });
  await rm(folder, { recursive: true, force: true });
}
