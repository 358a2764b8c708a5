import { readConfig } from '../../src/config';
import { createMetrics } from '../../src/telemetry';
import { partnersRole } from '../../src/workers/partners';
import { Resources } from '../../src/workers/resources';
import { call } from '../partners/calling';
import { listeningLogger, unique } from '../support/kafka';
import { testServers } from '../support/servers';
import { testFolder } from '../support/testFolder';
import { runMain } from './runMain';

const names = ['payment-a', 'payment-b', 'carrier', 'warehouse'];

const running: Resources[] = [];
afterEach(async () => {
  for (const resources of running.splice(0)) await resources.close();
});

/** The role on free ports, and a command line that knows them. */
async function partners(dataDir = testFolder()) {
  const config = readConfig({
    KAFKA_BROKERS: testServers().kafkaBrokers.join(),
    KAFKA_WAREHOUSE_GROUP: unique('warehouse'),
    KAFKA_PARTITIONS: '1',
    KAFKA_KPI_PARTITIONS: '1',
    PARTNERS_PORTS: '0,0,0,0',
    PARTNERS_DATA_DIR: dataDir,
  });
  const { logger, lines } = listeningLogger();
  const resources = new Resources();
  running.push(resources);
  const telemetry = { logger, metrics: createMetrics(config, 'partners') };
  const role = await partnersRole(config, telemetry, resources);
  const urls = names.map(name => urlOf(lines, name));
  const env = { PARTNERS_PORTS: urls.map(url => new URL(url).port).join() };
  return {
    role,
    urls,
    stop: () => resources.close(),
    run: (...args: string[]) => runMain(['partners', ...args], env),
    json: async (...args: string[]) => {
      const { exitCode, stdout } = await runMain(['partners', ...args, '--json'], env);
      expect(exitCode).toBe(0);
      return JSON.parse(stdout) as unknown;
    },
  };
}

/** What the role logs about where a partner listens. */
function urlOf(lines: readonly string[], name: string): string {
  const line = lines.find(text => text.includes(`"${name} listens"`));
  return Object(JSON.parse(line ?? '{}')).url;
}

const authorize = (url: string, key: string, amount: number) =>
  call('POST', `${url}/authorizations`, {
    key,
    body: { orderId: 'A-1', amount, currency: 'EUR' },
  });

describe('orderly partners', () => {
  it('runs all four, shows how each behaves, and stops them all', async () => {
    const { role, urls, json, run, stop } = await partners();
    expect(await role.troubles()).toEqual([]);
    expect(new Set(urls).size).toBe(4);
    const good = { fail: 0, latencyMs: 0 };
    expect(await json('show')).toEqual({
      'payment-a': { ...good, decline: 0, loseAnswer: 0 },
      'payment-b': { ...good, decline: 0, loseAnswer: 0 },
      carrier: { ...good, delayMs: 0, refuse: 0, loseAnswer: 0, duplicate: 0, lie: 0 },
      warehouse: { ...good, duplicate: 0, lie: 0 },
    });
    await stop();
    const { exitCode, stderr } = await run('show');
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^payment-a does not answer at http.* Start it with: orderly partners;/);
  });

  it('sets what is named, and leaves the rest of the behaviour as it was', async () => {
    const { json, run } = await partners();
    await json('set', 'payment-a', '--fail', '0.2', '--latency', '300ms', '--decline', '0.1');
    expect(await json('set', 'payment-a', '--lose-answer', '1', '--latency', '2s')).toEqual({
      fail: 0.2,
      latencyMs: 2_000,
      decline: 0.1,
      loseAnswer: 1,
    });
    await json(
      'set',
      'carrier',
      '--delay',
      '1m',
      '--refuse',
      '.5',
      '--duplicate',
      '1',
      '--lie',
      '0',
    );
    const { stdout } = await run('show');
    expect(stdout.split('\n').map(line => line.split(/\s+/))).toEqual([
      'partner fail latency delay decline refuse lose-answer duplicate lie'.split(' '),
      'payment-a 0.2 2000ms - 0.1 - 1 - -'.split(' '),
      'payment-b 0 0ms - 0 - 0 - -'.split(' '),
      'carrier 0 0ms 60000ms - 0.5 0 1 0'.split(' '),
      'warehouse 0 0ms - - - - 0 0'.split(' '),
      [''],
    ]);
  });

  it.each([
    [['set', 'nobody', '--fail', '1'], 'Allowed choices are payment-a'],
    [['set', 'payment-a', '--fail', '1.1'], 'It must be a number from 0 to 1'],
    [['set', 'payment-a', '--latency', '300'], 'with ms, s or m'],
    [['set', 'payment-a', '--latency', '61m'], 'at most 60m'],
    [['set', 'payment-a', '--delay', '1s'], 'Unrecognized key: --delay'],
    [['set', 'payment-a'], 'Name at least one trouble'],
    [['set', 'warehouse', '--decline', '0.1'], 'warehouse does not take that: '],
  ])('refuses %j with exit code 2 and says why', async (args, reason) => {
    const { run } = await partners();
    const { exitCode, stdout, stderr } = await run(...args);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toContain(reason);
  });

  it('shows the books of each, which survive a restart', async () => {
    const dataDir = testFolder();
    const before = await partners(dataDir);
    const [a = '', b = ''] = before.urls;
    await authorize(a, 'k1', 2250);
    await call('POST', `${a}/authorizations/payment-a-authorization-1/captures`, {
      key: 'c1',
      body: { amount: 1000 },
    });
    await authorize(b, 'k1', 100);
    await call('POST', `${b}/authorizations/by-key/k1/void`);
    const { exitCode, stdout } = await before.run('books');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(
      /^payment-a +22\.50 EUR \(1\) +10\.00 EUR \(1\) +0\.00 EUR \(0\) +12\.50 EUR \(1\) +0\.00 EUR \(0\) +0\.00 EUR \(0\)$/m,
    );
    expect(stdout).toMatch(
      /^payment-b +1\.00 EUR \(1\) +0\.00 EUR \(0\) +1\.00 EUR \(1\) +0\.00 EUR \(0\)/m,
    );
    expect(stdout).toContain('All sums hold: authorized = captured + voided + held');
    const books = Object(await before.json('books'));
    expect(books['payment-a'].held).toEqual({ EUR: { amount: 1250, count: 1 } });
    await before.stop();

    const after = Object(await (await partners(dataDir)).json('books'));
    for (const name of ['payment-a', 'payment-b', 'carrier']) {
      expect(after[name]).toEqual(books[name]);
    }
  });
});
