#!/usr/bin/env node
/** The program `orderly`: its commands, each loaded only when it is asked for, so that it starts fast. */
import { Command } from 'commander';
import { exitCodeOf, reportFailure } from './terminal/failure';
import { endQuietlyOnBrokenPipe } from './terminal/output';

interface Entry {
  readonly name: string;
  readonly summary: string;
  readonly load: () => Command;
}

const entries: readonly Entry[] = [
  {
    name: 'demo',
    summary: 'run everything here, with a varied stream of orders',
    load: () => (require('./demo/demo') as typeof import('./demo/demo')).demoCommand(),
  },
  {
    name: 'stack',
    summary: 'local Temporal, Kafka and Postgres',
    load: () => (require('./stack') as typeof import('./stack')).stackCommand(),
  },
  {
    name: 'intake',
    summary: 'role: from OrderReceived to one workflow per order',
    load: () => (require('./roles') as typeof import('./roles')).intakeCommand(),
  },
  {
    name: 'order-worker',
    summary: "role: runs the orders' workflows and activities",
    load: () => (require('./roles') as typeof import('./roles')).orderWorkerCommand(),
  },
  {
    name: 'submit',
    summary: 'send an order',
    load: () => (require('./submit') as typeof import('./submit')).submitCommand(),
  },
  {
    name: 'status',
    summary: 'show where an order stands',
    load: () => (require('./status') as typeof import('./status')).statusCommand(),
  },
  {
    name: 'cancel',
    summary: 'cancel an order that is not decided yet',
    load: () => (require('./cancel') as typeof import('./cancel')).cancelCommand(),
  },
  {
    name: 'load',
    summary: 'send many random orders at a steady rate',
    load: () => (require('./load') as typeof import('./load')).loadCommand(),
  },
  {
    name: 'stock',
    summary: 'list, set and add stock',
    load: () => (require('./stock') as typeof import('./stock')).stockCommand(),
  },
  {
    name: 'kpi',
    summary: 'watch KPI events and their running figures',
    load: () => (require('./kpi/kpi') as typeof import('./kpi/kpi')).kpiCommand(),
  },
  {
    name: 'topics',
    summary: 'create the Kafka topics',
    load: () => (require('./topics') as typeof import('./topics')).topicsCommand(),
  },
  {
    name: 'schemas',
    summary: 'write the JSON Schemas of all messages',
    load: () => (require('./schemas') as typeof import('./schemas')).schemasCommand(),
  },
];

/** Runs one command line (without `node` and the program) and answers with its exit code. */
export async function main(args: readonly string[]): Promise<number> {
  try {
    await createProgram(args).parseAsync(args, { from: 'user' });
    return Number(process.exitCode ?? 0);
  } catch (thrown) {
    reportFailure(thrown);
    return exitCodeOf(thrown);
  }
}

function createProgram(args: readonly string[]): Command {
  const wanted = args.find(arg => !arg.startsWith('-'));
  const program = new Command('orderly')
    .description('Orders from Kafka, each exactly one Temporal workflow, with KPIs to trust.')
    .helpCommand(false)
    .addHelpText(
      'after',
      '\nExit codes: 0 done, 1 failed, 2 wrong usage. Configuration comes from the environment.',
    );
  for (const { name, summary, load } of entries) {
    program.addCommand(name === wanted ? load() : new Command(name).description(summary));
  }
  neverExit(program);
  return program;
}

/** Makes commander throw what is wrong instead of printing it and ending the process. */
function neverExit(command: Command): void {
  command.exitOverride().configureOutput({ outputError: () => {} });
  command.commands.forEach(neverExit);
}

if (require.main === module) {
  endQuietlyOnBrokenPipe();
  void main(process.argv.slice(2)).then(exitCode => {
    process.exitCode = exitCode;
  });
}
