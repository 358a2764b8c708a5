/** What is fetched once and kept outside the project. An entry is a folder that is there whole or not at all. */
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { withLock } from './lock';

/** The cache of this account, by the XDG base directory specification. */
export function cacheFolder(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'orderly');
}

/**
 * The folder of the entry `name`; `fill` makes its content the first time. It is filled beside its
 * place and renamed into it, one process at a time, so an interrupted fetch is never found.
 */
export async function cached(
  name: string,
  fill: (folder: string) => Promise<void>,
  root = cacheFolder(),
): Promise<string> {
  const entry = join(root, name);
  if (existsSync(entry)) return entry;
  return withLock(`${entry}.lock`, async () => {
    if (existsSync(entry)) return entry;
    const partial = `${entry}.partial`;
    await rm(partial, { recursive: true, force: true });
    await mkdir(partial, { recursive: true });
    await fill(partial);
    await rename(partial, entry);
    return entry;
  });
}
