/** Reads the KPI definitions from their folder, and holds them against their lock. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { OrderlyError } from './errors';
import { Catalogue } from './kpi/catalogue';
import { type Lock, lockFileName, parseLock, violations } from './kpi/lock';
import { type DefinitionFile, parseDefinition } from './kpi/parse';

/** `kpis/` of the project: beside `src` and beside `dist`. */
export const kpisFolder = join(__dirname, '..', 'kpis');

/**
 * The catalogue of every `*.yaml` in a folder. Every process that counts reads it so, at its start.
 * @throws OrderlyError, or an AggregateError of several: KpiDefinitionInvalid with file, line and reason;
 * KpiDefinitionChanged, KpiVersionNotLocked, KpiVersionMissing, KpiLockInvalid where the folder is not what
 * its `versions.lock` says.
 */
export const readKpiCatalogue = (directory: string = kpisFolder): Catalogue =>
  lockedCatalogue(readDefinitions(directory), readLock(directory));

/** @throws as readKpiCatalogue, where the definitions contradict each other or the lock */
export function lockedCatalogue(files: readonly DefinitionFile[], lock: Lock): Catalogue {
  const catalogue = new Catalogue(files);
  throwAll(violations(lock, files));
  return catalogue;
}

/** The definitions of a folder, by file name. @throws as readKpiCatalogue, but for the lock */
export function readDefinitions(directory: string): DefinitionFile[] {
  const refused: OrderlyError[] = [];
  const files = readdirSync(directory)
    .filter(name => name.endsWith('.yaml'))
    .sort()
    .flatMap(name => {
      const path = join(directory, name);
      try {
        return [parseDefinition(readFileSync(path, 'utf8'), shortPath(path))];
      } catch (thrown) {
        if (!(thrown instanceof OrderlyError)) throw thrown;
        refused.push(thrown);
        return [];
      }
    });
  throwAll(refused);
  return files;
}

/** The lock of a folder; an empty one where it has none. @throws OrderlyError KpiLockInvalid */
export function readLock(directory: string): Lock {
  const path = join(directory, lockFileName);
  const exists = readdirSync(directory).includes(lockFileName);
  return exists ? parseLock(readFileSync(path, 'utf8'), shortPath(path)) : new Map();
}

const shortPath = (path: string): string => relative(process.cwd(), path);

function throwAll(errors: readonly OrderlyError[]): void {
  if (errors.length > 1) throw new AggregateError(errors);
  if (errors[0] !== undefined) throw errors[0];
}
