/** Where the test servers are. `globalSetup` starts them, or takes the ones that the environment names. */
export const testServers = () => ({
  kafkaBrokers: required('TEST_KAFKA_BROKERS').split(','),
  databaseUrl: required('TEST_DATABASE_URL'),
  temporalAddress: required('TEST_TEMPORAL_ADDRESS'),
  /** Path of the time-skipping Temporal test server. */
  temporalTestServer: required('TEST_TEMPORAL_TEST_SERVER'),
});

function required(name: string): string {
  const value = process.env[name];
  if (value === undefined)
    throw new Error(`${name} is not set: test/support/globalSetup.ts should have set it`);
  return value;
}
