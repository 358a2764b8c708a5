import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { testServers } from '../support/servers';
import { waitFor } from '../support/waitFor';

const program = join(__dirname, '..', '..', 'dist', 'cli', 'main.js');
const nowhere = '127.0.0.1:1';

/** A role of the built program whose servers are away, and its log. */
function startRole(role: string, env: Record<string, string>) {
  const child: ChildProcess = spawn(process.execPath, [program, role], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  children.push(child);
  let log = '';
  child.stderr!.on('data', (bytes: Buffer) => {
    log += bytes;
  });
  const url = () => /"url":"([^"]+)"/.exec(log)?.[1];
  return { child, log: () => log, url, ended: once(child, 'exit') as Promise<[number | null]> };
}

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

describe.each(['intake', 'order-worker'])('The role %s', role => {
  it('waits for its servers, says so, shows it, and ends at once when it is told to', async () => {
    const started = startRole(role, {
      TEMPORAL_ADDRESS: testServers().temporalAddress,
      KAFKA_BROKERS: nowhere,
      DATABASE_URL: `postgres://nobody@${nowhere}/none`,
    });
    await waitFor(
      () => started.log().split('Start it (orderly stack up)').length > 3,
      'three tries',
    );
    const readiness = await fetch(`${started.url()}/readyz`);
    expect([readiness.status, await readiness.text()]).toEqual([503, 'starting\n']);
    const metrics = await (await fetch(`${started.url()}/metrics`)).text();
    expect(metrics).toContain(`process_cpu_seconds_total{role="${role}"`);
    started.child.kill('SIGTERM');
    expect((await started.ended)[0]).toBe(0);
    expect(started.log()).toContain(`${role} has stopped`);
  });

  it('ends in good order as well when its terminal is closed', async () => {
    const started = startRole(role, { KAFKA_BROKERS: nowhere });
    await waitFor(() => started.url() !== undefined, 'it to listen');
    started.child.kill('SIGHUP');
    expect((await started.ended)[0]).toBe(0);
    expect(started.log()).toContain(`${role} has stopped`);
  });

  it('ends at once where Postgres refuses it: no waiting mends what it begins with', async () => {
    const url = new URL(testServers().databaseUrl);
    url.pathname = '/none';
    const started = startRole(role, {
      TEMPORAL_ADDRESS: testServers().temporalAddress,
      KAFKA_BROKERS: testServers().kafkaBrokers.join(),
      DATABASE_URL: url.href,
    });
    expect((await started.ended)[0]).toBe(1);
    expect(started.log()).toContain('Correct user, password and database in DATABASE_URL');
  });

  it('is refused with one line and exit code 2 when its configuration is wrong', async () => {
    const started = startRole(role, { KAFKA_PARTITIONS: 'many' });
    expect((await started.ended)[0]).toBe(2);
    expect(started.log().trim().split('\n')).toEqual([expect.stringContaining('KAFKA_PARTITIONS')]);
  });
});
