/** Processes under test. A role answers on HTTP whether it is ready, and counts what it does. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { freePort } from '../../src/stack/ports';
import { until } from './until';

/** For every process that is measured, the bare worker too: what deploy/Dockerfile starts Node with. */
export const imageOptions = ['--min-semi-space-size=16'];

const program = resolve(__dirname, '../../dist/cli/main.js');

export type RoleName = 'intake' | 'order-worker' | 'ledger' | 'watcher' | 'partners';

export interface Role {
  readonly pid: number;
  /** The sum of all samples of one metric, narrowed by a label: `label="value"`. */
  metric(name: string, label?: string): Promise<number>;
  /** Holds the process where it is, and lets it go on. */
  hold(): void;
  release(): void;
  /** Drains and ends it. */
  stop(): Promise<void>;
}

export type Roles<Name extends RoleName> = Readonly<Record<Name, Role>>;

/** Starts roles, hands them over once all are ready, and stops them whatever becomes of `work`. */
export async function withRoles<Name extends RoleName, T>(
  names: readonly Name[],
  env: NodeJS.ProcessEnv,
  work: (roles: Roles<Name>) => Promise<T>,
): Promise<T> {
  const started = await Promise.all(names.map(name => startRole(name, env)));
  try {
    return await work(
      Object.fromEntries(names.map((name, i) => [name, started[i]])) as Record<Name, Role>,
    );
  } finally {
    await Promise.all(started.map(role => role.stop()));
  }
}

/** Starts `orderly <role>` and resolves when it is ready. Its log goes to standard error. */
export async function startRole(name: RoleName, env: NodeJS.ProcessEnv): Promise<Role> {
  const port = await freePort();
  const child = adopt(
    spawn(process.execPath, [...imageOptions, program, name], {
      env: { ...env, HTTP_PORT: String(port) },
      stdio: ['ignore', 'ignore', 'inherit'],
    }),
  );
  const url = `http://127.0.0.1:${port}`;
  await until(async () => {
    if (child.exitCode !== null) throw new Error(`${name} ended with ${child.exitCode}`);
    return fetch(`${url}/readyz`).then(
      answer => answer.ok,
      () => false,
    );
  }, `${name} to be ready`);
  return {
    pid: child.pid!,
    async metric(metric, label = '') {
      const answer = await fetch(`${url}/metrics`);
      return sumOf(await answer.text(), metric, label);
    },
    hold: () => child.kill('SIGSTOP'),
    release: () => child.kill('SIGCONT'),
    stop: () => stopChild(child),
  };
}

const children = new Set<ChildProcess>();

/** Sees to it that the process ends with the bench. */
export function adopt(child: ChildProcess): ChildProcess {
  children.add(child);
  child.once('exit', () => children.delete(child));
  return child;
}

/** Drains and ends every process that still runs. */
export async function stopChildren(): Promise<void> {
  await Promise.all([...children].map(stopChild));
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (!children.has(child)) return;
  const ended = once(child, 'exit');
  child.kill('SIGCONT');
  child.kill('SIGTERM');
  await ended;
}

/** Prometheus' text format: `name{label="value",...} number`. */
function sumOf(text: string, name: string, label: string): number {
  return text
    .split('\n')
    .filter(line => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
    .filter(line => line.includes(label))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
}
