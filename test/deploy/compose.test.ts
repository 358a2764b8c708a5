import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { lifeVariables } from '../../src/cli/demo/environment';
import { environment, readConfig } from '../../src/config';
import { planOf } from '../../src/intake/plan';
import { temporal } from '../../src/stack/temporal';
import { versions } from '../../src/stack/versions';

const compose = parse(readFileSync(join(__dirname, '../../docker-compose.yml'), 'utf8'), {
  merge: true,
});
const options = ['--dynamic-config-value', '--search-attribute', '--sqlite-pragma'];
const roles = ['intake', 'order-worker', 'ledger', 'watcher', 'partners'];

/** What a role is told; the level of its log is left to whoever starts it. */
const configOf = (role: string) =>
  readConfig({ ...compose.services[role].environment, LOG_LEVEL: '' });

describe('docker-compose.yml', () => {
  it('gives Temporal the settings that orderly stack gives it', async () => {
    const config = readConfig({});
    const place = { address: temporal.address(config), data: '/data', config };
    const { args, env } = await temporal.prepare('temporal', place);
    expect(compose.services.temporal.environment).toEqual(env);
    const settings = args.filter((_, i) => options.includes(args[i - 1] ?? ''));
    const inCompose = compose.services.temporal.command
      .map((argument: string) => argument.split(/=(.*)/))
      .flatMap(([option, setting]: string[]) => (options.includes(option!) ? [setting] : []));
    expect(settings).toContain('history.transferProcessorMaxPollRPS=2000');
    expect(settings).toContain('OrderTotal=INT');
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

  it('lets orders live their whole life, as the demonstration does', () => {
    const { environment: variables } = compose.services.intake;
    const demo = planOf(readConfig(lifeVariables(readConfig({}), '/data')));
    const here = planOf(configOf('intake'));
    expect(Object.keys(here ?? {})).toEqual(Object.keys(demo ?? {}));
    expect(here?.payment?.providers).toEqual(demo?.payment?.providers);
    for (const role of roles) expect(compose.services[role].environment).toMatchObject(variables);
  });

  it('binds no order to a version, since it replaces the workers, as the demonstration does', () => {
    expect(configOf('order-worker').WORKER_DEPLOYMENT).toBeUndefined();
    const demo = readConfig(lifeVariables(readConfig({}), '/data'));
    expect(demo.WORKER_DEPLOYMENT).toBeUndefined();
  });

  it('finds the partners where they listen, from the other roles and from this machine', () => {
    const { PARTNERS_PORTS: ports } = configOf('partners');
    const { PAYMENT_PROVIDERS, CARRIER_URL } = configOf('intake');
    expect([...PAYMENT_PROVIDERS.map(({ url }) => url), CARRIER_URL]).toEqual(
      [ports['payment-a'], ports['payment-b'], ports.carrier].map(
        port => `http://partners:${port}`,
      ),
    );
    expect(ports).toEqual(readConfig({}).PARTNERS_PORTS);
    const range = `${ports['payment-a']}-${ports.warehouse}`;
    expect(compose.services.partners.ports).toEqual([`127.0.0.1:${range}:${range}`]);
  });

  it('keeps the books of the partners where their role may write', () => {
    const { partners } = compose.services;
    const { PARTNERS_DATA_DIR: folder } = partners.environment;
    expect(partners.volumes).toEqual([`partners:${folder}`]);
    const dockerfile = readFileSync(join(__dirname, '../../deploy/Dockerfile'), 'utf8');
    expect(dockerfile).toContain(`--owner=node --group=node ${folder}\n`);
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
