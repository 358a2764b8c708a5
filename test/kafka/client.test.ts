import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { logLevel } from 'kafkajs';
import { Secret } from '../../src/config';
import { clientConfig, createKafka } from '../../src/kafka/client';
import { listeningLogger, quiet } from '../support/kafka';

const plain = { KAFKA_BROKERS: ['one:9092', 'two:9092'], KAFKA_SSL: false };

describe('clientConfig', () => {
  test('connects without TLS and login where none is configured', () => {
    const config = clientConfig(plain, 'intake', quiet);
    expect(config).toMatchObject({ clientId: 'intake', brokers: plain.KAFKA_BROKERS, ssl: false });
    expect(config.sasl).toBeUndefined();
  });

  test('trusts the CA certificate named', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kafka-ca-'));
    const path = join(folder, 'ca.pem');
    writeFileSync(path, 'certificate');
    const settings = { ...plain, KAFKA_SSL: true, KAFKA_SSL_CA_PATH: path };
    expect(clientConfig(settings, 'intake', quiet).ssl).toEqual({ ca: Buffer.from('certificate') });
    expect(clientConfig({ ...plain, KAFKA_SSL: true }, 'intake', quiet).ssl).toBe(true);
    await rm(folder, { recursive: true });
    expect(() => createKafka(settings, 'intake', quiet)).toThrow(/KAFKA_SSL_CA_PATH/);
  });

  test('logs in with the mechanism named, and says what is missing', () => {
    const mechanism = { KAFKA_SASL_MECHANISM: 'scram-sha-256' as const };
    const login = { KAFKA_SASL_USERNAME: 'u', KAFKA_SASL_PASSWORD: new Secret('p') };
    expect(clientConfig({ ...plain, ...mechanism, ...login }, 'intake', quiet).sasl).toEqual({
      mechanism: 'scram-sha-256',
      username: 'u',
      password: 'p',
    });
    expect(() => createKafka({ ...plain, ...mechanism }, 'intake', quiet)).toThrow(
      /KAFKA_SASL_PASSWORD/,
    );
  });

  test("puts the client's lines one level lower: what lasts is logged in our own words", () => {
    const { logger, lines } = listeningLogger();
    const log = clientConfig(plain, 'intake', logger).logCreator!(logLevel.INFO);
    const entry = { message: 'm', timestamp: 't', logger: 'kafkajs' };
    for (const level of [logLevel.ERROR, logLevel.WARN, logLevel.INFO]) {
      log({ namespace: 'Runner', level, label: '', log: entry });
    }
    const levels = lines.map(line => JSON.parse(line).level);
    expect(levels).toEqual([40, 30, 20]);
    expect(JSON.parse(lines[0]!)).toMatchObject({ kafkajs: 'Runner', msg: 'm' });
  });
});
