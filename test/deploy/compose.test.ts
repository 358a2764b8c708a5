import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { environment, readConfig } from '../../src/config';
import { temporal } from '../../src/stack/temporal';
import { versions } from '../../src/stack/versions';

const compose = parse(readFileSync(join(__dirname, '../../docker-compose.yml'), 'utf8'), {
  merge: true,
});
const options = ['--dynamic-config-value', '--sqlite-pragma'];
const roles = ['intake', 'order-worker', 'ledger', 'watcher'];

describe('docker-compose.yml', () => {
  it('gives Temporal the settings that orderly stack gives it', async () => {
    const config = readConfig({});
    const place = { address: temporal.address(config), data: '/data', config };
    const { args } = await temporal.prepare('temporal', place);
    const settings = args.filter((_, i) => options.includes(args[i - 1] ?? ''));
    const inCompose = compose.services.temporal.command
      .map((argument: string) => argument.split(/=(.*)/))
      .flatMap(([option, setting]: string[]) => (options.includes(option!) ? [setting] : []));
    expect(settings).toContain('history.transferProcessorMaxPollRPS=2000');
    expect(inCompose.sort()).toEqual(settings.sort());
  });

  it('runs the versions of the servers that orderly stack fetches', () => {
    const { temporal: server, kafka } = compose.services;
    expect(server.image).toBe(`temporalio/temporal:${versions.temporal.version}`);
    expect(kafka.image).toBe(`apache/kafka:${versions.kafka.version}`);
  });

  it.each(roles)('gives %s only variables that the configuration knows', role => {
    const variables = Object.keys(compose.services[role].environment);
    expect(variables.filter(name => !(name in environment.shape))).toEqual([]);
  });

  it('starts the roles only once every server is healthy, and limits what each may take', () => {
    const servers = Object.keys(compose.services).filter(name => !roles.includes(name));
    for (const role of roles) {
      const waits = compose.services[role].depends_on;
      expect(Object.keys(waits).sort()).toEqual([...servers].sort());
      for (const server of servers) expect(waits[server].condition).toBe('service_healthy');
    }
    for (const server of servers) expect(compose.services[server].healthcheck).toBeDefined();
    for (const name of [...servers, ...roles]) {
      expect(compose.services[name].mem_limit).toBeDefined();
      expect(compose.services[name].cpus).toBeDefined();
    }
  });
});
