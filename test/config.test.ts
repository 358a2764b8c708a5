import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { environment, readConfig } from '../src/config';
import { OrderlyError } from '../src/errors';

const failure = (env: NodeJS.ProcessEnv): OrderlyError => {
  try {
    readConfig(env);
  } catch (thrown) {
    if (thrown instanceof OrderlyError) return thrown;
    throw thrown;
  }
  throw new Error('it was taken');
};

describe('The configuration', () => {
  it('needs nothing from the environment to reach a local stack', () => {
    expect(readConfig({})).toMatchObject({
      TEMPORAL_ADDRESS: '127.0.0.1:7233',
      KAFKA_BROKERS: ['127.0.0.1:9092'],
      KPI_CAPTURE: true,
    });
  });

  it('takes an empty variable for an absent one', () => {
    expect(readConfig({ TEMPORAL_NAMESPACE: '' }).TEMPORAL_NAMESPACE).toBe('default');
  });

  it('names every wrong variable at once, and never a value', () => {
    const { message } = failure({ KAFKA_PARTITIONS: 'twelve', LOG_LEVEL: 'hunter2' });
    expect(message).toContain('KAFKA_PARTITIONS');
    expect(message).toContain('LOG_LEVEL');
    expect(message).not.toMatch(/twelve|hunter2/);
  });

  it.each([
    ['TEMPORAL_ADDRESS', ':x'],
    ['TEMPORAL_ADDRESS', 'temporal.example.com'],
    ['KAFKA_BROKERS', 'kafka-1:9092,foo'],
    ['KAFKA_BROKERS', 'http://kafka-1:9092'],
    ['KAFKA_BROKERS', 'kafka-1:9092,kafka-2:99999'],
    // The client would look for a host of the name [.
    ['KAFKA_BROKERS', '[::1]:9092'],
    ['TEMPORAL_ADDRESS', 'temporal:65536'],
    ['TEMPORAL_ADDRESS', 'temporal:0'],
    ['TEMPORAL_ADDRESS', '[:]:7233'],
    ['DATABASE_URL', 'mysql://db/orderly'],
    ['DATABASE_URL', 'postgres://u:p@db:99999/orderly'],
    ['DATABASE_URL', 'postgres://u:p@db:0/orderly'],
    ['DATABASE_URL', 'postgres://u:p/w@db/orderly'],
  ])('refuses as %s what is no address: %s', (variable, value) => {
    expect(failure({ [variable]: value }).message).toContain(`${variable}: must b`);
  });

  it('takes addresses with names, numbers and IPv6', () => {
    const KAFKA_BROKERS = 'kafka_1.example.com:9092, 10.0.0.7:65535';
    expect(readConfig({ KAFKA_BROKERS, TEMPORAL_ADDRESS: '[::1]:7233' })).toMatchObject({
      KAFKA_BROKERS: ['kafka_1.example.com:9092', '10.0.0.7:65535'],
      TEMPORAL_ADDRESS: '[::1]:7233',
    });
  });

  it.each([
    'postgres://u:p@db/orderly',
    'postgresql://u:100%@[::1]:5433/orderly?sslmode=require',
    'postgres://u:p@/orderly?host=/run/postgresql',
    'postgres:///orderly',
  ])('takes every form of DATABASE_URL that the client of Postgres does: %s', DATABASE_URL => {
    expect(readConfig({ DATABASE_URL }).DATABASE_URL.reveal()).toBe(DATABASE_URL);
  });

  it('never prints a secret', () => {
    const config = readConfig({
      DATABASE_URL: 'postgres://u:hunter2@h/d',
      KAFKA_SASL_PASSWORD: 'hunter2',
    });
    expect(JSON.stringify(config)).not.toContain('hunter2');
    expect(`${config.DATABASE_URL} ${config.KAFKA_SASL_PASSWORD}`).not.toContain('hunter2');
    const inspected = inspect(config, { depth: null, showHidden: true, getters: true });
    expect(inspected).not.toContain('hunter2');
    expect(inspected).toContain('KAFKA_SASL_PASSWORD: [secret]');
    expect(inspect(config.DATABASE_URL, { customInspect: false })).not.toContain('hunter2');
    expect(Object.values({ ...config.DATABASE_URL })).toEqual([]);
    expect(config.DATABASE_URL.reveal()).toContain('hunter2');
  });

  it('takes partners with their addresses, without a slash at the end', () => {
    const PAYMENT_PROVIDERS = 'payment-a=http://a:9101/, payment-b=https://b/pay?x=1';
    const CARRIER_URL = 'http://c:9103';
    expect(readConfig({ PAYMENT_PROVIDERS, CARRIER_URL }).PAYMENT_PROVIDERS).toEqual([
      { name: 'payment-a', url: 'http://a:9101' },
      { name: 'payment-b', url: 'https://b/pay?x=1' },
    ]);
  });

  it.each([
    ['PAYMENT_PROVIDERS', 'payment-a'],
    ['PAYMENT_PROVIDERS', 'payment-a=ftp://a'],
    ['PAYMENT_PROVIDERS', 'Payment A=http://a'],
    ['PAYMENT_PROVIDERS', 'a=http://a,a=http://b'],
    ['PAYMENT_PROVIDERS', 'a=http://a,'],
    ['PAYMENT_TIMEOUT_MS', '5001'],
    ['CARRIER_URL', 'carrier'],
    ['APPROVAL_LIMITS', 'EUR='],
    ['APPROVAL_LIMITS', 'EUR=1.50'],
    ['APPROVAL_LIMITS', 'ABC=100'],
    ['APPROVAL_LIMITS', 'EUR=1,EUR=2'],
    ['APPROVAL_QUANTITY', '0'],
    ['APPROVAL_QUANTITY', '1e3'],
    ['DEFAULT_CURRENCY', 'xyz'],
    ['DEFAULT_CURRENCY', 'XYZ'],
    ['DEFAULT_CURRENCY', 'eur'],
    ['HTTP_PORT', ' '],
    ['HTTP_PORT', '0x50'],
    ['HTTP_PORT', '65536'],
    ['DATABASE_POOL_SIZE', '0x8'],
    // Postgres takes hours as an integer of 32 bits, and no time of a year that needs a sign.
    ['RESERVATION_TTL_HOURS', '2147483648'],
    ['RESERVATION_TTL_HOURS', '876001'],
    ['LEDGER_KEEP_DAYS', '100000000'],
    ['KAFKA_PARTITIONS', '2147483648'],
    // A timer beyond 2^31 milliseconds fires at once.
    ['DRAIN_SECONDS', '2147484'],
  ])('refuses %s=%s', (name, value) => {
    expect(failure({ [name]: value }).message).toContain(name);
  });

  it('takes a number with blanks around it, as lines of an .env file end with', () => {
    expect(readConfig({ HTTP_PORT: '8080 ', RESERVATION_TTL_HOURS: '876000' })).toMatchObject({
      HTTP_PORT: 8080,
      RESERVATION_TTL_HOURS: 876_000,
    });
  });

  it('names the pair that is wrong, and never a value', () => {
    const messageFor = (name: string, value: string) => failure({ [name]: value }).message;
    expect(messageFor('APPROVAL_LIMITS', 'EUR=1,USD=1.50')).toContain(
      'APPROVAL_LIMITS, pair 2 (USD): must be digits',
    );
    const secret = messageFor('PAYMENT_PROVIDERS', 'https://me:secret@a');
    expect(secret).toContain('PAYMENT_PROVIDERS, pair 1: ');
    expect(secret).not.toContain('secret');
  });

  it('refuses money to be held where no parcel is ever packed to take it for', () => {
    const PAYMENT_PROVIDERS = 'a=http://a';
    expect(failure({ PAYMENT_PROVIDERS }).message).toContain(
      'CARRIER_URL: is needed with PAYMENT_PROVIDERS',
    );
  });

  it('can not be changed once it is read', () => {
    expect(Object.isFrozen(readConfig({}))).toBe(true);
  });
});

describe('docs/configuration.md', () => {
  it('lists every variable with its meaning, and none besides', () => {
    const rows = readFileSync('docs/configuration.md', 'utf8')
      .split('\n')
      .filter(line => /^\| `[A-Z_]+` \|/.test(line))
      .map(line => line.slice(2, -2).split(' | '));
    expect(rows.map(([name, , meaning]) => [name, meaning])).toEqual(
      Object.entries(environment.shape).map(([name, { description }]) => [
        `\`${name}\``,
        description,
      ]),
    );
  });
});

describe('the docs', () => {
  const pages = [
    'README.md',
    ...readdirSync('docs', { recursive: true, encoding: 'utf8' })
      .filter(name => name.endsWith('.md'))
      .map(name => join('docs', name)),
  ];

  /** Of names like the program's variables: what begins as one of them does. */
  const families = new Set(Object.keys(environment.shape).map(name => name.split('_')[0]!));
  const variables = /(?<![\w.])[A-Z]+(?:_[A-Z]+)+\b/g;

  it.each(pages)('name in %s no variable that does not exist', page => {
    const named = readFileSync(page, 'utf8').match(variables) ?? [];
    const ours = named.filter(name => families.has(name.split('_')[0]!));
    expect(ours.filter(name => !(name in environment.shape))).toEqual([]);
  });
});
