/** The roles as child processes: started, awaited, watched and stopped together. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { OrderlyError } from '../../errors';
import { freePort } from '../../stack/ports';
import { pause } from '../terminal/interrupt';
import { note } from '../terminal/output';

/** Every role that the demonstration runs, one process each. */
const roleNames = ['partners', 'intake', 'order-worker', 'ledger', 'watcher'] as const;

/** The program itself, beside this folder. */
const program = join(__dirname, '../main.js');

const readyWithinMs = 60_000;
const stopWithinMs = 15_000;
const logTailLines = 15;

export interface Roles {
  /** Resolves when each role can do its work. @throws OrderlyError RoleSilent */
  readonly ready: Promise<unknown>;
  /** Rejects as soon as a role ends without being asked to. @throws OrderlyError RoleEnded */
  readonly ended: Promise<never>;
  /** Asks every role to stop, and waits until none is left. */
  stop(): Promise<void>;
}

export interface RoleOptions {
  /** The variables that point the roles at the servers and at each other. */
  readonly env: Readonly<Record<string, string>>;
  /** Where each role's log goes, as `<role>.log`. */
  readonly logs: string;
  /** Told when a role is ready. */
  readonly onReady: (role: string) => void;
}

/** Starts all roles. Whoever does so stops them. */
export async function startRoles(options: RoleOptions): Promise<Roles> {
  mkdirSync(options.logs, { recursive: true });
  const started = await Promise.all(roleNames.map(name => startRole(name, options)));
  let stopping = false;
  const roles: Roles = {
    ready: Promise.all(started.map(role => whenReady(role, options.onReady))),
    ended: Promise.race(
      started.map(async role => {
        await role.exit;
        if (stopping) return new Promise<never>(() => {});
        throw failure('RoleEnded', role);
      }),
    ),
    async stop() {
      stopping = true;
      const [ledger, others] = [started.filter(isLedger), started.filter(role => !isLedger(role))];
      await Promise.all(others.map(stopRole));
      await Promise.all(ledger.map(stopRole));
    },
  };
  // Whether anyone listens already when one of them fails is a matter of moments.
  roles.ready.catch(() => {});
  roles.ended.catch(() => {});
  return roles;
}

/** It counts what the others say of themselves while they stop. */
const isLedger = ({ name }: StartedRole): boolean => name === 'ledger';

interface StartedRole {
  readonly name: string;
  readonly process: ChildProcess;
  readonly url: string;
  readonly log: string;
  readonly exit: Promise<void>;
}

async function startRole(name: string, { env, logs }: RoleOptions): Promise<StartedRole> {
  const log = join(logs, `${name}.log`);
  const port = await freePort();
  const output = openSync(log, 'w');
  const child = spawn(process.execPath, [program, name], {
    env: { ...process.env, ...env, HTTP_PORT: String(port) },
    // The channel tells the role when the demonstration is gone, however it ended.
    stdio: ['ignore', output, output, 'ipc'],
    // A process group of its own: Ctrl-C reaches the demonstration alone, which stops things in order.
    detached: true,
  });
  closeSync(output);
  const exit = new Promise<void>(resolve => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  return { name, process: child, url: `http://127.0.0.1:${port}/readyz`, log, exit };
}

async function whenReady(role: StartedRole, onReady: RoleOptions['onReady']): Promise<void> {
  const limit = Date.now() + readyWithinMs;
  while (!(await answersReady(role.url))) {
    if (role.process.exitCode !== null || role.process.signalCode !== null) return;
    if (Date.now() > limit) throw failure('RoleSilent', role);
    await pause(100);
  }
  onReady(role.name);
}

const answersReady = (url: string): Promise<boolean> =>
  fetch(url).then(
    ({ ok }) => ok,
    () => false,
  );

async function stopRole({ process: child, exit }: StartedRole): Promise<void> {
  child.kill('SIGTERM');
  const impatience = setTimeout(() => child.kill('SIGKILL'), stopWithinMs);
  await exit;
  clearTimeout(impatience);
}

/** Shows the end of the role's log, and says in the error where the rest is. */
function failure(code: 'RoleEnded' | 'RoleSilent', { name: role, log }: StartedRole): OrderlyError {
  const tail = readFileSync(log, 'utf8').trimEnd().split('\n').slice(-logTailLines);
  note([`The end of ${log}:`, ...tail.map(line => `  ${line}`)].join('\n'));
  return new OrderlyError(code, { role, log });
}
