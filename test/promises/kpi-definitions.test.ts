/**
 * A figure is worth nothing if its rule can change behind its back: a released definition that was changed
 * is refused at every door, before anything is counted by it.
 */
import { execFile } from 'node:child_process';
import { cpSync, existsSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { testFolder } from '../support/testFolder';

const root = resolve(__dirname, '../..');

/** A copy of the built program, so that its definitions can be changed. */
function installation(...more: readonly string[]): string {
  const folder = testFolder();
  if (!existsSync(join(root, 'dist'))) throw new Error('dist is not there: npm run build makes it');
  for (const part of ['dist', 'kpis', 'package.json', ...more]) {
    cpSync(join(root, part), join(folder, part), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}

interface Ended {
  readonly exitCode: unknown;
  readonly output: string;
}

/** No server is where the configuration says: whoever gets as far as needing one would wait for it. */
const run = (folder: string, command: string): Promise<Ended> =>
  new Promise(resolved => {
    const { PATH, HOME } = process.env;
    const nowhere = {
      KAFKA_BROKERS: '127.0.0.1:1',
      TEMPORAL_ADDRESS: '127.0.0.1:1',
      DATABASE_URL: 'postgres://orderly:orderly@127.0.0.1:1/orderly',
    };
    const args = [join(folder, 'dist/cli/main.js'), ...command.split(' ')];
    const options = { cwd: folder, env: { PATH, HOME, ...nowhere }, timeout: 30_000 };
    execFile(process.execPath, args, options, (error, stdout, stderr) => {
      resolved({ exitCode: error?.code ?? 0, output: stdout + stderr });
    });
  });

const definition = 'kpis/order-latency.v1.yaml';

describe('A released definition that was changed', () => {
  const changed = installation();
  beforeAll(() => {
    const text = readFileSync(join(changed, definition), 'utf8');
    expect(text).toContain('atMost: 2 ');
    writeFileSync(join(changed, definition), text.replace('atMost: 2 ', 'atMost: 4 '));
  });

  it.each([
    'intake',
    'order-worker',
    'ledger',
    'watcher',
    'kpi check',
    'kpi check --write',
    'kpi list',
    'kpi show order-latency',
    'kpi export --format csv',
    'topics create',
  ])('is refused by %s, which says how it was changed', async command => {
    const { exitCode, output } = await run(changed, command);

    expect(output).toContain(
      `${definition} is not order-latency@1 as it was released: target.atMost: 2 -> 4.`,
    );
    expect(exitCode).toBe(2);
  });
});

describe('A definition whose comments were changed', () => {
  it('is taken', async () => {
    const folder = installation();
    const text = readFileSync(join(folder, definition), 'utf8');
    writeFileSync(join(folder, definition), `${text}# looked at again in spring\n`);

    const { exitCode, output } = await run(folder, 'kpi check');

    expect(output).toContain('all as they were released');
    expect(exitCode).toBe(0);
  });
});

describe('A runbook that was taken away', () => {
  it('is named by kpi check, with the KPIs that send people to it', async () => {
    const folder = installation('docs');
    rmSync(join(folder, 'docs/runbooks/order-latency.md'));

    const { exitCode, output } = await run(folder, 'kpi check');

    expect(output.split('\n').filter(line => line.includes('runbook'))).toEqual([
      'There is no docs/runbooks/order-latency.md, the runbook of order-latency.',
    ]);
    expect(exitCode).toBe(0);
  });

  it('is not missed where no docs are installed', async () => {
    const { output } = await run(installation(), 'kpi check');

    expect(output).not.toContain('runbook');
  });
});
