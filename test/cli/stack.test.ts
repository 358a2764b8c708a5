import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { stackCommand } from '../../src/cli/stack';
import { readConfig } from '../../src/config';
import { identify } from '../../src/stack/process';
import { readStack, writeRecord } from '../../src/stack/record';
import { connectionVariables, stackDown } from '../../src/stack/stack';
import { testServers } from '../support/servers';
import { testFolder } from '../support/testFolder';
import { waitFor } from '../support/waitFor';

const program = join(__dirname, '../../dist/cli/main.js');

/** Runs `orderly stack <args>` with the environment pointing at the given servers. */
async function stack(args: string[], env: Record<string, string>) {
  const before = { ...process.env };
  const printed: string[] = [];
  const log = jest.spyOn(console, 'log').mockImplementation(text => printed.push(String(text)));
  const noted: string[] = [];
  const write = jest.spyOn(process.stderr, 'write').mockImplementation(text => {
    noted.push(String(text).trimEnd());
    return true;
  });
  Object.assign(process.env, env);
  try {
    const command = stackCommand();
    for (const each of [command, ...command.commands]) {
      each.exitOverride().configureOutput({ writeErr: () => {} });
    }
    await command.parseAsync(args, { from: 'user' });
    return { printed, noted, exitCode: process.exitCode ?? 0 };
  } finally {
    process.exitCode = undefined;
    process.env = before;
    log.mockRestore();
    write.mockRestore();
  }
}

const running = (): Record<string, string> => {
  const { temporalAddress, kafkaBrokers, databaseUrl } = testServers();
  return connectionVariables({
    temporal: { address: temporalAddress, namespace: 'default', ui: 'http://127.0.0.1:8233' },
    kafka: { brokers: kafkaBrokers },
    postgres: { url: databaseUrl },
  });
};

describe('orderly stack status', () => {
  it('prints where the servers are as JSON, and nothing else', async () => {
    const dir = testFolder();
    const env = running();
    const { printed, exitCode } = await stack(['status', '--json', '--dir', dir], env);
    expect(printed).toHaveLength(1);
    expect(JSON.parse(printed[0]!)).toEqual({
      temporal: {
        address: env.TEMPORAL_ADDRESS,
        namespace: 'default',
        ui: 'http://127.0.0.1:8233',
      },
      kafka: { brokers: env.KAFKA_BROKERS!.split(',') },
      postgres: { url: env.DATABASE_URL },
    });
    expect(exitCode).toBe(0);
  });

  it('prints lines that give a shell the same configuration', async () => {
    const env = running();
    const { printed } = await stack(['status', '--env', '--dir', testFolder()], env);
    const parsed = Object.fromEntries(
      printed.map(line => /^export (\w+)='(.*)'$/.exec(line)!.slice(1) as [string, string]),
    );
    expect(readConfig(parsed)).toEqual(readConfig(env));
    expect(parsed.DATABASE_URL).toBe(env.DATABASE_URL);
  });

  it('exits with 1 and says which server is down', async () => {
    const env = { ...running(), KAFKA_BROKERS: '127.0.0.1:1' };
    const { printed, exitCode } = await stack(['status', '--dir', testFolder()], env);
    expect(exitCode).toBe(1);
    expect(printed.join('\n')).toMatch(/Kafka +stopped at 127\.0\.0\.1:1 /);
    expect(printed.join('\n')).toMatch(/Temporal +running/);
  });

  it('writes an IPv6 address as the configuration does', async () => {
    const env = { ...running(), TEMPORAL_ADDRESS: '[::1]:1' };
    const { printed } = await stack(['status', '--dir', testFolder()], env);
    expect(printed.join('\n')).toMatch(/Temporal +stopped at \[::1\]:1 /);
  });
});

describe('orderly stack down', () => {
  it('removes what partners noted of the orders that are forgotten, and only then', async () => {
    const dir = testFolder();
    const journal = join(dir, 'partners', 'payment-a.jsonl');
    mkdirSync(dirname(journal));
    writeFileSync(journal, '');
    await stack(['down', '--dir', dir], {});
    expect(existsSync(journal)).toBe(true);
    await stack(['down', '--fresh', '--dir', dir], {});
    expect(existsSync(journal)).toBe(false);
  });
});

describe('orderly stack up', () => {
  it('takes the servers that run, prints where they are, and says so on down', async () => {
    const env = running();
    const dir = testFolder();
    const up = await stack(['up', '--dir', dir], env);
    expect(up.printed.filter(line => line.includes('already running'))).toHaveLength(3);
    const down = await stack(['down', '--dir', dir], env);
    expect(down.printed.filter(line => line.includes('left running'))).toHaveLength(3);
  });

  it('says of a server that is up already that the port asked for is not used', async () => {
    const env = running();
    const dir = testFolder();
    await stack(['up', '--dir', dir], env);
    const { kafka } = readStack(dir);
    writeRecord(dir, 'kafka', { ...kafka!, process: identify(process.pid)!, data: dir });
    const { noted } = await stack(['up', '--kafka-port', '9999', '--dir', dir], env);
    const address = `127.0.0.1:${kafka!.address.port}`;
    expect(noted).toEqual([
      `kafka is already up at ${address}; the port 9999 asked for is not used.`,
    ]);
    const same = String(kafka!.address.port);
    const again = await stack(['up', '--kafka-port', same, '--dir', dir], env);
    expect(again.noted).toEqual([]);
  });

  it('says on Ctrl-C that what was started stays', async () => {
    const dir = testFolder();
    const ports = ['temporal', 'temporal-ui', 'kafka', 'postgres'].flatMap(name => [
      `--${name}-port`,
      '0',
    ]);
    const up = spawn(process.execPath, [program, 'stack', 'up', '--dir', dir, ...ports]);
    let stderr = '';
    up.stderr.on('data', chunk => {
      stderr += String(chunk);
    });
    const ended = once(up, 'close');
    await waitFor(() => Object.keys(readStack(dir)).length > 0, 'a server to be started');
    up.kill('SIGINT');
    const [, signal] = await ended;
    await stackDown(dir);
    expect({ signal, stderr }).toEqual({
      signal: 'SIGINT',
      stderr: 'Interrupted. Servers that were started stay; orderly stack down stops them.\n',
    });
  });

  it.each(['-1', '65536', 'http', '', ' ', '0x50', '1e3'])('refuses the port "%s"', async port => {
    const attempt = stack(['up', '--kafka-port', port, '--dir', testFolder()], {});
    await expect(attempt).rejects.toThrow('It must be a whole number from 0 to 65535.');
  });
});
