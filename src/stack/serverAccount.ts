/**
 * Postgres refuses to run as root, which is who one is in many containers. It then runs as the account
 * `postgres`, made where it is missing; what it must reach lies below /var where the home folder of
 * root, or the project in it, is closed to that account.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cacheFolder } from './cache';
import type { Account } from './process';
import { run } from './run';

const user = 'postgres';

/** The account to run Postgres as: none where this process may run it itself. */
export async function databaseAccount(): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const known = existingAccount();
  if (known !== undefined) return known;
  await run('useradd', ['--system', '--user-group', '--no-create-home', user]);
  return existingAccount();
}

/** The cache, where the account can reach it; else the system's. */
export function reachableCache(account: Account | undefined): string {
  return isReachable(cacheFolder(), account) ? cacheFolder() : '/var/cache/orderly';
}

/** The data folder, where the account can reach it; else one below /var/lib named after it. */
export function reachableFolder(folder: string): string {
  if (isReachable(folder, existingAccount())) return folder;
  const name = createHash('sha256').update(folder).digest('hex').slice(0, 16);
  return join('/var/lib/orderly', name);
}

function existingAccount(): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const [uid, gid] = ['-u', '-g'].map(option => {
    const { status, stdout } = spawnSync('id', [option, user], { encoding: 'utf8' });
    return status === 0 ? Number(stdout) : undefined;
  });
  return uid === undefined || gid === undefined ? undefined : { uid, gid };
}

/** Whether the account may enter the folder, or the nearest one above it that exists. */
function isReachable(folder: string, account: Account | undefined): boolean {
  if (account === undefined) return process.getuid?.() !== 0;
  let existing = folder;
  while (!existsSync(existing)) existing = dirname(existing);
  return spawnSync('test', ['-x', existing], account).status === 0;
}
