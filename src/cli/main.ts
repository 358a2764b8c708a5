#!/usr/bin/env node
/** The program `orderly`: its commands, each loaded only when it is asked for, so that it starts fast. */
import { Command } from 'commander';
import { packageVersion } from '../packageVersion';
import { exitCodeOf, reportFailure } from './terminal/failure';
import { endWith, outliveReaders } from './terminal/output';

interface Entry {
  readonly name: string;
  readonly summary: string;
  readonly load: () => Command;
}

const entries: readonly Entry[] = [
  {
    name: 'demo',
    summary: 'run everything here, with a varied stream of orders',
    load: () => {
      const { demoCommand }: typeof import('./demo/demo') = require('./demo/demo');
      return demoCommand();
    },
  },
  {
    name: 'stack',
    summary: 'local Temporal, Kafka and Postgres',
    load: () => {
      const { stackCommand }: typeof import('./stack') = require('./stack');
      return stackCommand();
    },
  },
  {
    name: 'intake',
    summary: 'role: from OrderReceived to one workflow per order',
    load: () => {
      const { intakeCommand }: typeof import('./roles') = require('./roles');
      return intakeCommand();
    },
  },
  {
    name: 'order-worker',
    summary: "role: runs the orders' workflows and activities",
    load: () => {
      const { orderWorkerCommand }: typeof import('./roles') = require('./roles');
      return orderWorkerCommand();
    },
  },
  {
    name: 'ledger',
    summary: 'role: counts every KPI event once',
    load: () => {
      const { ledgerCommand }: typeof import('./roles') = require('./roles');
      return ledgerCommand();
    },
  },
  {
    name: 'watcher',
    summary: "role: holds the figures against Temporal's record",
    load: () => {
      const { watcherCommand }: typeof import('./roles') = require('./roles');
      return watcherCommand();
    },
  },
  {
    name: 'partners',
    summary: 'role: warehouse, carrier and payment providers for demonstrations',
    load: () => {
      const { partnersCommand }: typeof import('./partners/partners') =
        require('./partners/partners');
      return partnersCommand();
    },
  },
  {
    name: 'submit',
    summary: 'send an order',
    load: () => {
      const { submitCommand }: typeof import('./submit') = require('./submit');
      return submitCommand();
    },
  },
  {
    name: 'status',
    summary: 'show where an order stands',
    load: () => {
      const { statusCommand }: typeof import('./status') = require('./status');
      return statusCommand();
    },
  },
  {
    name: 'cancel',
    summary: 'cancel an order, until any of it is packed',
    load: () => {
      const { cancelCommand }: typeof import('./cancel') = require('./cancel');
      return cancelCommand();
    },
  },
  {
    name: 'change-address',
    summary: 'send an order elsewhere, until any of it is packed',
    load: () => {
      const { changeAddressCommand }: typeof import('./changeAddress') = require('./changeAddress');
      return changeAddressCommand();
    },
  },
  {
    name: 'approvals',
    summary: 'list the orders that wait for a decision',
    load: () => {
      const { approvalsCommand }: typeof import('./approvals') = require('./approvals');
      return approvalsCommand();
    },
  },
  {
    name: 'approve',
    summary: 'approve an order that waits for a decision',
    load: () => {
      const { approveCommand }: typeof import('./decide') = require('./decide');
      return approveCommand();
    },
  },
  {
    name: 'reject',
    summary: 'reject an order that waits for a decision',
    load: () => {
      const { rejectCommand }: typeof import('./decide') = require('./decide');
      return rejectCommand();
    },
  },
  {
    name: 'load',
    summary: 'send many random orders at a steady rate',
    load: () => {
      const { loadCommand }: typeof import('./load') = require('./load');
      return loadCommand();
    },
  },
  {
    name: 'stock',
    summary: 'list, set and add stock',
    load: () => {
      const { stockCommand }: typeof import('./stock') = require('./stock');
      return stockCommand();
    },
  },
  {
    name: 'kpi',
    summary: 'the KPIs: definitions, figures and events',
    load: () => {
      const { kpiCommand }: typeof import('./kpi/kpi') = require('./kpi/kpi');
      return kpiCommand();
    },
  },
  {
    name: 'topics',
    summary: 'create the Kafka topics',
    load: () => {
      const { topicsCommand }: typeof import('./topics') = require('./topics');
      return topicsCommand();
    },
  },
  {
    name: 'schemas',
    summary: 'write the JSON Schemas of all messages',
    load: () => {
      const { schemasCommand }: typeof import('./schemas') = require('./schemas');
      return schemasCommand();
    },
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
    .version(packageVersion(), '--version', 'print the version of the program')
    // Of a command, --version is an option of its own.
    .enablePositionalOptions()
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
  outliveReaders();
  void main(process.argv.slice(2)).then(endWith);
}
