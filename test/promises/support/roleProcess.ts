/** A role of the built program, as a process that can be killed. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { freePort } from '../../../src/stack/ports';
import { waitFor } from '../../support/waitFor';

const program = resolve(__dirname, '../../../dist/cli/main.js');

/** How a process ended: by itself with a code, or by a signal. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

let started = 0;

export class RoleProcess {
  /** Resolves when the process has ended. */
  readonly ended: Promise<Ending>;

  static async start(
    name: string,
    variables: Readonly<Record<string, string>>,
    folder: string,
  ): Promise<RoleProcess> {
    if (!existsSync(program)) throw new Error(`${program} is not there: npm run build makes it`);
    const port = await freePort();
    const log = join(folder, `${name}-${++started}.log`);
    const output = openSync(log, 'w');
    const { PATH, HOME } = process.env;
    // Nothing else is handed down: libraries behave otherwise under NODE_ENV=test.
    const env = { PATH, HOME, LOG_LEVEL: 'info', ...variables, HTTP_PORT: String(port) };
    const child = spawn(process.execPath, [program, name], {
      env,
      stdio: ['ignore', output, output],
    });
    closeSync(output);
    return new RoleProcess(name, child, `http://127.0.0.1:${port}`, log);
  }

  private constructor(
    readonly name: string,
    private readonly child: ChildProcess,
    private readonly url: string,
    private readonly log: string,
  ) {
    this.ended = once(child, 'exit').then(([code, signal]) => ({ code, signal }));
  }

  get isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  async ready(): Promise<void> {
    await waitFor(async () => {
      if (!this.isRunning) throw new Error(`${this.name} ended while it was starting`);
      return this.isReady();
    }, `${this.name} to be ready`);
  }

  /** What /readyz says now. */
  async isReady(): Promise<boolean> {
    const answer = await fetch(`${this.url}/readyz`).catch(() => undefined);
    return answer?.ok === true;
  }

  /** Sends the signal and waits for the end. */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<Ending> {
    this.signal(signal);
    return this.ended;
  }

  signal(signal: 'SIGKILL' | 'SIGTERM'): void {
    if (this.isRunning) this.child.kill(signal);
  }

  /** The sum of a metric over all its labels but those given; 0 where it has no such line. */
  async metric(name: string, labels: Readonly<Record<string, string>> = {}): Promise<number> {
    const text = await (await fetch(`${this.url}/metrics`)).text();
    const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
    return text
      .split('\n')
      .filter(line => line.startsWith(`${name}{`) && wanted.every(label => line.includes(label)))
      .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
  }

  /** Whether its log holds this text. */
  says(text: string): boolean {
    return readFileSync(this.log, 'utf8').includes(text);
  }

  /** The end of its log. */
  tail(): string {
    const lines = readFileSync(this.log, 'utf8').trimEnd().split('\n').slice(-40);
    return [`--- the last lines of ${this.name}, pid ${this.child.pid}`, ...lines].join('\n');
  }
}

/** What a command said, and how it ended. */
export interface Answer {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

export function runCommand(
  args: readonly string[],
  variables: Readonly<Record<string, string>>,
): Promise<Answer> {
  const { PATH, HOME } = process.env;
  const options = { env: { PATH, HOME, ...variables } };
  return new Promise(resolve => {
    execFile(process.execPath, [program, ...args], options, (failure, output, errors) => {
      const code = failure === null ? 0 : Number(failure.code ?? 1);
      resolve({ code, output, errors });
    });
  });
}
