/** The demonstration as its user runs it: the built program, on a stack of its own. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readConfig } from '../../src/config';
import { freePort } from '../../src/stack/ports';
import { killServer, stackDown, stackStatus, stackUp } from '../../src/stack/stack';
import { testFolder } from '../support/testFolder';
import { waitFor } from '../support/waitFor';

const program = join(__dirname, '../../dist/cli/main.js');
const startLimitMs = 120_000;

/** In the environment of everything that these tests start, so that what is left over can be found. */
const marker = `DEMO_TEST=${randomUUID()}`;

let dir: string;
let env: NodeJS.ProcessEnv;
const demos: ChildProcess[] = [];

beforeAll(async () => {
  dir = testFolder();
  const ports = await Promise.all(Array.from({ length: 8 }, freePort));
  const [temporal, ui, kafka, postgres, ...partners] = ports;
  const [name, value] = marker.split('=');
  env = {
    ...process.env,
    TEMPORAL_ADDRESS: `127.0.0.1:${temporal}`,
    TEMPORAL_UI_URL: `http://127.0.0.1:${ui}`,
    KAFKA_BROKERS: `127.0.0.1:${kafka}`,
    DATABASE_URL: `postgres://orderly:orderly@127.0.0.1:${postgres}/orderly`,
    PARTNERS_PORTS: partners.join(','),
    [name!]: value,
  };
});

afterAll(async () => {
  for (const demo of demos) demo.kill('SIGKILL');
  for (const { pid } of startedHere()) process.kill(pid, 'SIGKILL');
  await stackDown(dir);
});

/** Processes that came from these tests and are still there. */
function startedHere(): { readonly pid: number; readonly command: string }[] {
  return execFileSync('ps', ['axeww', '-o', 'pid=,command='], { encoding: 'utf8', maxBuffer: 1e8 })
    .split('\n')
    .filter(line => line.includes(marker))
    .map(line => ({ pid: Number.parseInt(line, 10), command: line }));
}

const roles = () =>
  startedHere().filter(({ command }) =>
    /main\.js (partners|intake|order-worker|ledger|watcher)/.test(command),
  );

/** When a role logged its last line. */
function lastTime(role: string): number {
  const lines = readFileSync(join(dir, 'logs', `${role}.log`), 'utf8')
    .trimEnd()
    .split('\n');
  return Date.parse(JSON.parse(lines.at(-1)!).time);
}

function demo(...args: string[]) {
  const child = spawn(process.execPath, [program, 'demo', '--dir', dir, ...args], { env });
  demos.push(child);
  const written = { stdout: '', stderr: '' };
  child.stdout.on('data', chunk => {
    written.stdout += String(chunk);
  });
  child.stderr.on('data', chunk => {
    written.stderr += String(chunk);
  });
  const exit = once(child, 'close').then(([code]) => code as number | null);
  return { child, written, exit };
}

describe('orderly demo', () => {
  it('settles every kind of submission, checks the sums, and leaves nothing running', async () => {
    const { written, exit } = demo('--orders', '60', '--rate', '30', '--exit', '--json');
    expect({ exit: await exit, stderr: written.stderr }).toMatchObject({ exit: 0 });

    expect(written.stdout).toMatch(/^\{[^\n]*\}\n$/);
    const summary = JSON.parse(written.stdout) as {
      sums: { name: string; holds: boolean }[];
      topics: { backOrdered: number };
      workflows: { cancelled: number };
      money: { declined: number; failovers: number; captured: number };
      happened: {
        decided: { approved: number; rejected: number };
        split: number;
        rejectedFor: Record<string, number>;
      };
    };
    expect(summary).toMatchObject({
      orders: 60,
      topics: { received: 60, conflicts: 2, deadLetters: 6 },
      register: { orders: 52, duplicates: 2 },
      workflows: { all: 52, closed: 52, failed: 0, terminated: 0 },
      money: { held: 0 },
      happened: { deadLetteredFor: { ConflictingOrder: 2 } },
    });
    const { topics, workflows, money, happened } = summary;
    const occurred = {
      cancelled: workflows.cancelled,
      ...{ declined: money.declined, failovers: money.failovers, captured: money.captured },
      ...{ approved: happened.decided.approved, refused: happened.decided.rejected },
      split: happened.split,
      rejected: happened.rejectedFor.PaymentDeclined,
      expired: happened.rejectedFor.BackOrderExpired,
    };
    // Both that wait in vain, the first of the other four, and each of the three after it that does not find in
    // stock what one before it, whose card was declined, has put back.
    expect([3, 4, 5, 6]).toContain(topics.backOrdered);
    const never = Object.entries(occurred).filter(([, times = 0]) => times === 0);
    expect(never).toEqual([]);
    expect(summary.sums.filter(({ holds }) => !holds)).toEqual([]);
    expect(startedHere()).toEqual([]);
  }, 300_000);

  it('shows orders flow over the data of earlier runs; Ctrl-C stops the roles, not a stack that was up', async () => {
    await stackUp({ dir, config: readConfig(env) });
    const { child, written, exit } = demo('--rate', '10');
    const flowing = () => /received [1-9]\d*, confirmed [1-9]/.test(written.stdout);
    await waitFor(flowing, 'a line with confirmed orders', startLimitMs);
    expect(written.stdout).toMatch(/, order-latency \S/);
    expect(written.stdout).toMatch(/^Rejected orders in the Temporal UI: http\S+$/m);
    const second = demo('--rate', '10', '--fresh', '--dir', testFolder());
    expect(await second.exit).toBe(1);
    expect(second.written).toEqual({
      stdout: '',
      stderr: expect.stringMatching(/^payment-a can not listen on port \d+: another demo, .*\n$/),
    });
    expect(roles()).toHaveLength(5);
    child.kill('SIGINT');
    child.kill('SIGINT');
    expect(await exit).toBe(0);
    expect(roles()).toEqual([]);
    const ends = ['partners', 'intake', 'order-worker', 'watcher', 'ledger'].map(lastTime);
    expect(Math.max(...ends)).toBe(ends.at(-1));
    const servers = Object.values(await stackStatus(dir, readConfig(env)));
    expect(servers.map(({ state }) => state)).toEqual(['running', 'running', 'running']);
  }, 300_000);

  it('has its folder for itself from the start: of two begun at one moment, one is refused', async () => {
    await stackUp({ dir, config: readConfig(env) });
    const both = [demo('--rate', '10'), demo('--rate', '10')];
    const refused = await Promise.race(both.map(one => one.exit.then(() => one)));
    expect(await refused.exit).toBe(1);
    expect(refused.written).toEqual({
      stdout: '',
      stderr: expect.stringContaining(`Another demo is under way in ${dir}.`),
    });
    const other = both.find(one => one !== refused)!;
    await waitFor(() => /received [1-9]/.test(other.written.stdout), 'orders', startLimitMs);
    other.child.kill('SIGINT');
    expect(await other.exit).toBe(0);
  }, 300_000);

  it('reports a role that ends by itself at once, with the end of its log, and fails', async () => {
    await stackUp({ dir, config: readConfig(env) });
    const { written, exit } = demo('--rate', '10');
    await waitFor(() => /received [1-9]/.test(written.stdout), 'orders', startLimitMs);
    const worker = roles().find(({ command }) => command.includes('main.js order-worker'));
    process.kill(worker!.pid, 'SIGKILL');
    expect(await exit).toBe(1);
    expect(written.stderr).toMatch(/The end of .*order-worker\.log:\n( {2}.*\n)+/);
    expect(written.stderr).toContain('The role order-worker ended by itself.');
    expect(roles()).toEqual([]);
  }, 300_000);

  it('leaves no role behind when it is killed', async () => {
    await stackUp({ dir, config: readConfig(env) });
    const { child, written, exit } = demo('--rate', '10');
    await waitFor(() => /received [1-9]/.test(written.stdout), 'orders', startLimitMs);
    child.kill('SIGKILL');
    await exit;
    await waitFor(() => roles().length === 0, 'the roles to end', startLimitMs);
  }, 300_000);

  // Clients of Kafka would wait for it for ever; one of Temporal threw when the connection was closed under it.
  it.each([
    ['temporal', 'Temporal'],
    ['kafka', 'Kafka'],
  ] as const)(
    'reports %s when it ends by itself, stops the roles though it is away, and fails',
    async (name, title) => {
      await stackUp({ dir, config: readConfig(env) });
      const { written, exit } = demo('--rate', '10');
      await waitFor(() => /received [1-9]/.test(written.stdout), 'orders', startLimitMs);
      await killServer(name, dir);
      expect(await exit).toBe(1);
      expect(written.stderr).toMatch(new RegExp(`\n${title} ended by itself\\. [^\\n]*\\n$`));
      expect(written.stderr).not.toContain('    at ');
      expect(roles()).toEqual([]);
    },
    300_000,
  );

  it('says that a server was stopped, when stack down takes it away', async () => {
    await stackUp({ dir, config: readConfig(env) });
    const { written, exit } = demo('--rate', '10');
    await waitFor(() => /received [1-9]/.test(written.stdout), 'orders', startLimitMs);
    await stackDown(dir);
    await waitFor(
      () => /\n\w+ was stopped while it was in use\.\nStopping; /.test(written.stderr),
      'the reason, before the roles have stopped',
    );
    expect(await exit).toBe(1);
    expect(written.stderr).toMatch(/\n(Temporal|Kafka|Postgres) was stopped while [^\n]*\n$/);
    expect(roles()).toEqual([]);
  }, 300_000);
});
