/** The long-running processes, as commands. */
import { Command } from 'commander';
import { readConfig } from '../config';
import { type Role, runRole } from '../workers/role';

/** `orderly intake` */
export const intakeCommand = (): Command =>
  roleCommand(
    'intake',
    'Role: reads OrderReceived, registers each order and starts exactly one workflow for it.',
    () => {
      const { intakeRole }: typeof import('../workers/intake') = require('../workers/intake');
      return intakeRole;
    },
  );

/** `orderly order-worker` */
export const orderWorkerCommand = (): Command =>
  roleCommand(
    'order-worker',
    "Role: runs the orders' workflows and their activities, and captures their KPIs.",
    () => {
      const { orderWorkerRole }: typeof import('../workers/orderWorker') =
        require('../workers/orderWorker');
      return orderWorkerRole;
    },
  );

/** `orderly ledger` */
export const ledgerCommand = (): Command =>
  roleCommand(
    'ledger',
    'Role: counts every KPI event once, by minute and slice, in Postgres.',
    () => {
      const { ledgerRole }: typeof import('../workers/ledger') = require('../workers/ledger');
      return ledgerRole;
    },
  );

/** `orderly watcher` */
export const watcherCommand = (): Command =>
  roleCommand(
    'watcher',
    "Role: holds the ledger against Temporal's own record, every minute.",
    () => {
      const { watcherRole }: typeof import('../workers/watcher') = require('../workers/watcher');
      return watcherRole;
    },
  );

/** `orderly partners`, without its subcommands. */
export const partnersRoleCommand = (): Command =>
  roleCommand(
    'partners',
    'Role: two payment providers, a carrier and a warehouse, for demonstrations and tests.',
    () => {
      const { partnersRole }: typeof import('../workers/partners') = require('../workers/partners');
      return partnersRole;
    },
  );

function roleCommand(name: string, description: string, load: () => Role): Command {
  return new Command(name)
    .description(description)
    .addHelpText(
      'after',
      `
Runs until SIGINT, SIGTERM or SIGHUP, and drains before it ends. Logs go to standard error as JSON.
HTTP_PORT chooses the port of /healthz, /readyz and /metrics.

Examples:
  $ orderly ${name}
  $ HTTP_PORT=9100 LOG_LEVEL=debug orderly ${name}`,
    )
    .action(() => runRole(name, load(), readConfig()));
}
