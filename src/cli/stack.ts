import { rmSync } from 'node:fs';
import { Command } from 'commander';
import { type Config, readConfig } from '../config';
import { at } from '../stack/address';
import type { OnProgress } from '../stack/kind';
import { readStack, type ServerName, serverNames } from '../stack/record';
import type { Ports, ServerStatus } from '../stack/server';
import {
  connections,
  connectionVariables,
  defaultStackDir,
  stackDown,
  stackStatus,
  stackUp,
} from '../stack/stack';
import { booksIn } from './demo/environment';
import { wholeNumber } from './terminal/arguments';
import { note } from './terminal/output';

const port = wholeNumber(0, 65_535);

/** `orderly stack`: the third-party servers for a machine without Docker. */
export function stackCommand(): Command {
  const stack = new Command('stack').description('local Temporal, Kafka and Postgres');

  stack
    .command('up')
    .description('start what is not running yet, and return when every server answers')
    .option('--temporal-port <n>', 'port of Temporal', port)
    .option('--temporal-ui-port <n>', "port of Temporal's UI", port)
    .option('--kafka-port <n>', 'port of Kafka', port)
    .option('--postgres-port <n>', 'port of Postgres', port)
    .option('--dir <path>', 'folder of the servers and their data', defaultStackDir)
    .option('--json', 'print where the servers are, as JSON')
    .addHelpText('after', '\nPort 0 takes a free one. Without a port: as configured.')
    .action(up);

  stack
    .command('down')
    .description('stop what stack up started; data stays')
    .option('--fresh', 'remove the data too, and the books of the partners')
    .option('--dir <path>', 'folder of the servers and their data', defaultStackDir)
    .action(down);

  stack
    .command('status')
    .description('say what runs where; exit with 1 when something is down')
    .option('--json', 'print where the servers are, as JSON')
    .option('--env', 'print the lines that point a shell at the servers')
    .option('--dir <path>', 'folder of the servers and their data', defaultStackDir)
    .action(status);

  return stack;
}

interface UpOptions {
  readonly temporalPort?: number;
  readonly temporalUiPort?: number;
  readonly kafkaPort?: number;
  readonly postgresPort?: number;
  readonly dir: string;
  readonly json?: boolean;
}

async function up(options: UpOptions): Promise<void> {
  const { dir, json } = options;
  const ports = {
    temporal: { port: options.temporalPort, uiPort: options.temporalUiPort },
    kafka: { port: options.kafkaPort },
    postgres: { port: options.postgresPort },
  };
  // Standard output belongs to the JSON alone.
  const onProgress = line(json ? console.error : console.log);
  const to = await sayingWhatStays(() => stackUp({ dir, config: readConfig(), ports, onProgress }));
  for (const remark of unusedPorts(dir, ports)) note(remark);
  console.log(json ? JSON.stringify(to) : `Temporal UI: ${to.temporal.ui}`);
}

/** Ctrl-C ends this process as ever; servers outlive it, also those that do not answer yet. */
async function sayingWhatStays<T>(work: () => Promise<T>): Promise<T> {
  const onSignal = (signal: NodeJS.Signals) => {
    note('Interrupted. Servers that were started stay; orderly stack down stops them.');
    process.kill(process.pid, signal);
  };
  process.once('SIGINT', onSignal);
  try {
    return await work();
  } finally {
    process.off('SIGINT', onSignal);
  }
}

/** What is to be said of ports that were asked for: a server that was up already keeps those it has. */
function unusedPorts(dir: string, asked: Readonly<Record<ServerName, Ports>>): string[] {
  const known = readStack(dir);
  return serverNames.flatMap(name => {
    const address = known[name]?.address;
    if (address === undefined) return [];
    const wanted = asked[name];
    return (['port', 'uiPort'] as const).flatMap(which => {
      const port = wanted[which];
      if (port === undefined || port === 0 || port === address[which]) return [];
      return [`${name} is already up at ${at(address)}; the port ${port} asked for is not used.`];
    });
  });
}

/** The partners forget the orders together with everybody else: their keys would be taken for known ones. */
async function down({ dir, fresh = false }: { dir: string; fresh?: boolean }): Promise<void> {
  await stackDown(dir, { fresh, onProgress: line(console.log) });
  if (fresh) rmSync(booksIn(dir), { recursive: true, force: true });
}

async function status(options: { dir: string; json?: boolean; env?: boolean }): Promise<void> {
  const config: Config = readConfig();
  const now = Object.values(await stackStatus(options.dir, config));
  const to = connections(options.dir, config);
  if (options.json) console.log(JSON.stringify(to));
  else if (options.env) {
    for (const [name, value] of Object.entries(connectionVariables(to))) {
      console.log(`export ${name}='${value}'`);
    }
  } else for (const server of now) console.log(describe(server));
  if (now.some(server => server.state !== 'running')) process.exitCode = 1;
}

function describe({ title, state, address, record }: ServerStatus): string {
  const origin =
    record?.process === undefined
      ? state === 'running'
        ? 'not started by this stack'
        : 'start it with: orderly stack up'
      : `pid ${record.process.pid}, ${record.source}, log ${record.log}`;
  return `${title.padEnd(9)} ${state} at ${at(address)} (${origin})`;
}

const line =
  (print: (text: string) => void): OnProgress =>
  (server, message) =>
    print(`${server.padEnd(9)} ${message}`);
