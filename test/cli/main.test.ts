import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { packageVersion } from '../../src/packageVersion';
import { runMain } from './runMain';

const run = promisify(execFile);
const program = join(__dirname, '../../dist/cli/main.js');

const commands = [
  'demo',
  'stack',
  'intake',
  'order-worker',
  'watcher',
  'submit',
  'status',
  'cancel',
  'change-address',
  'approvals',
  'approve',
  'reject',
  'load',
  'stock',
  'kpi',
  'topics',
  'schemas',
];

describe('the program', () => {
  it('lists every command in its help', async () => {
    const { exitCode, stdout } = await runMain(['--help']);
    expect(exitCode).toBe(0);
    for (const command of commands) expect(stdout).toContain(`  ${command} `);
  });

  it('prints its version, and leaves the option of that name to the commands that have one', async () => {
    expect(await runMain(['--version'])).toEqual({
      exitCode: 0,
      stdout: `${packageVersion()}\n`,
      stderr: '',
    });
    expect(packageVersion()).toMatch(/^\d+\.\d+\.\d+/);
    const { stdout } = await runMain(['kpi', 'explain', 'revenue', '--version', '1']);
    expect(stdout).toMatch(/^Revenue \(revenue, version 1, /);
  });

  it.each(commands)('explains %s', async command => {
    const { exitCode, stdout, stderr } = await runMain([command, '--help']);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toContain(`Usage: orderly ${command}`);
  });

  it.each([
    'demo',
    'intake',
    'order-worker',
    'watcher',
    'submit',
    'status',
    'cancel',
    'change-address',
    'approvals',
    'approve',
    'reject',
    'load',
    'stock list',
    'stock set',
    'stock add',
    'kpi show',
    'kpi watch',
    'kpi export',
    'kpi tail',
    'kpi list',
    'kpi explain',
    'kpi diff',
    'kpi check',
    'kpi reconcile',
    'kpi backfill',
    'partners set',
    'partners show',
    'partners books',
    'topics create',
  ])('gives examples for %s', async command => {
    const { stdout } = await runMain([...command.split(' '), '--help']);
    expect(stdout).toContain('Examples:');
    expect(stdout).toContain(`orderly ${command}`);
  });

  it('shows its help, as wrong usage, when no command is named', async () => {
    const { exitCode, stdout, stderr } = await runMain([]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toContain('Usage: orderly');
  });

  it.each([
    { args: ['sumbit'], about: "Unknown command 'sumbit' (Did you mean submit?)" },
    { args: ['--bogus'], about: "Unknown option '--bogus'." },
    { args: ['submit', '--bogus'], about: "Unknown option '--bogus'." },
    { args: ['submit'], about: 'Submit needs --file <path> or --random <n>.' },
    { args: ['submit', '--random', '0'], about: 'It must be a whole number from 1 to 10000.' },
    { args: ['submit', '--random', '9'.repeat(20)], about: 'a whole number from 1 to 10000.' },
    { args: ['submit', '--random', '2', '--file', 'x'], about: 'cannot be used with option' },
    { args: ['status'], about: "Missing required argument 'orderId'." },
    { args: ['status', 'a/b'], about: "'a/b' is invalid for argument 'orderId'." },
    {
      args: ['cancel', 'A-1', '--reason', ' '],
      about: "Option '--reason <text>' argument ' ' is invalid.",
    },
    { args: ['approve', 'A-1'], about: "Required option '--by <name>' not specified." },
    {
      args: ['reject', 'A-1', '--by', ' '],
      about: "Option '--by <name>' argument ' ' is invalid.",
    },
    { args: ['change-address', 'A-1'], about: "Required option '--file <path>' not specified." },
    { args: ['submit', '--file', 'x', '--allow-back-order'], about: 'cannot be used with option' },
    { args: ['load', '--rate', '0'], about: 'It must be a number above 0.' },
    { args: ['demo', '--orders', 'many'], about: 'It must be a whole number of at least 1.' },
    { args: ['kpi', 'tail', 'happiness'], about: 'There is no KPI happiness.' },
    {
      args: ['kpi', 'reconcile', '--from', '2026-02-01', '--to', '2026-02-01'],
      about: '--from must be before --to',
    },
    { args: ['kpi', 'reconcile', '--from', '2099-01-01'], about: '--from lies in the future' },
    {
      args: ['kpi', 'reconcile', '--from', '2099-01-01', '--to', '2099-01-02'],
      about: '--from lies in the future',
    },
    {
      args: ['kpi', 'backfill', 'order-latency', '--version', '99', '--from', '2026-02-01'],
      about: 'KPI order-latency has no version 99.',
    },
    {
      args: ['kpi', 'backfill', 'intake-lag', '--from', '2026-02-01'],
      about: 'Temporal records nothing of what intake-lag, version 1, counts',
    },
    { args: ['stock', 'set', 'TEA-1', '-5'], about: "'-5' is invalid for argument 'quantity'." },
    {
      args: ['stock', 'set', 'TEA 1', '5'],
      about: "'TEA 1' is invalid for argument 'productCode'.",
    },
    { args: ['stock', 'set', 'T', '5', '--price', '5.00'], about: '--price and --currency' },
    {
      args: ['stock', 'set', 'T', '5', '--price', '5.005', '--currency', 'EUR'],
      about: '5.005 is not a price in EUR: EUR has 2 decimal places.',
    },
    {
      args: ['stock', 'set', 'T', '5', '--price', '5.00', '--currency', 'ZZZ'],
      about: 'There is no currency ZZZ.',
    },
    { args: ['stock', 'replenish', 'T', '0'], about: 'a whole number from 1 to 1000000.' },
    { args: ['stock', 'replenish', 'T', '1e3'], about: 'a whole number from 1 to 1000000.' },
    {
      args: ['kpi', 'show', 'order-latency', '--last', '99999d'],
      about: 'It must be a number from 1 to 9999 with m, h or d',
    },
    { args: ['kpi', 'show', 'happiness'], about: 'There is no KPI happiness.' },
    { args: ['kpi', 'watch', 'happiness'], about: 'There is no KPI happiness.' },
    {
      args: ['stock', 'add', 'T', '0'],
      about: 'It must be a whole number from 1 to 9007199254740991.',
    },
  ])('answers $args with one line on standard error and 2', async ({ args, about }) => {
    const { exitCode, stdout, stderr } = await runMain(args);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toContain(about);
    expect(stderr).toMatch(/^[^\n]+\.\n$/);
  });

  it('names a wrong variable, and not its value', async () => {
    const { exitCode, stderr } = await runMain(['stock', 'list'], { DATABASE_POOL_SIZE: 'many' });
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/^The configuration is wrong: DATABASE_POOL_SIZE: [^\n]*\n$/);
    expect(stderr).not.toContain('many');
  });

  it.each([
    { args: ['stock', 'list'], server: 'Postgres' },
    { args: ['topics', 'create'], server: 'Kafka' },
  ])('answers $args with one line and 1 while $server is away', async ({ args, server }) => {
    const nowhere = {
      DATABASE_URL: 'postgres://orderly:secret-word@127.0.0.1:1/orderly',
      KAFKA_BROKERS: '127.0.0.1:1',
    };
    const { exitCode, stdout, stderr } = await runMain(args, nowhere);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toMatch(
      new RegExp(`^${server} does not answer[^\\n]*orderly stack up[^\\n]*\\n$`),
    );
    expect(stderr).not.toContain('secret-word');
  });
});

describe('the built program', () => {
  it('loads neither servers nor clients to show its help', async () => {
    const listLoaded = `
      process.stdout.write = () => true;
      require(${JSON.stringify(program)}).main(['--help']).then(() => {
        console.error(Object.keys(require.cache).join('\\n'));
      });`;
    const { stderr } = await run(process.execPath, ['-e', listLoaded]);
    expect(stderr).toContain('commander');
    expect(stderr).not.toMatch(/node_modules\/(@temporalio|kafkajs|pg|zod)\//);
  });

  it('loads neither Temporal nor Kafka to work on the stock', async () => {
    const listLoaded = `
      require(${JSON.stringify(join(program, '../stock.js'))});
      console.log(Object.keys(require.cache).join('\\n'));`;
    const { stdout } = await run(process.execPath, ['-e', listLoaded]);
    expect(stdout).toContain('node_modules/pg/');
    expect(stdout).not.toMatch(/node_modules\/(@temporalio|kafkajs)\//);
  });

  it('ends without a word when its reader has seen enough', async () => {
    const { stdout, stderr } = await run('bash', [
      '-c',
      `"${process.execPath}" "${program}" --help | true; echo "\${PIPESTATUS[0]}"`,
    ]);
    expect({ stdout, stderr }).toEqual({ stdout: '0\n', stderr: '' });
  });
});
