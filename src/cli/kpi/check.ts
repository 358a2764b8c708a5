import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { OrderlyError } from '../../errors';
import type { Catalogue } from '../../kpi/catalogue';
import { type Covered, coverageOf } from '../../kpi/coverage';
import { feedOf } from '../../kpi/feed';
import { formatLock, lockFileName, withNewVersions } from '../../kpi/lock';
import {
  kpisFolder,
  lockedCatalogue,
  readDefinitions,
  readKpiCatalogue,
  readLock,
} from '../../kpiCatalogue';
import { examples } from '../terminal/examples';
import { print } from '../terminal/output';
import { pagesPath } from './page';
import { outdatedPages, writePages } from './pages';

/** docs/kpis/ of this checkout; an image has no docs, and there is nothing to compare. */
const pagesFolder = join(kpisFolder, '..', pagesPath);

/** `orderly kpi check`: whether the definitions can go into production as they are. */
export function checkCommand(): Command {
  return new Command('check')
    .description('Check the KPI definitions, their versions and their pages.')
    .option('--write', 'add new versions to versions.lock, and write the pages anew')
    .addHelpText(
      'after',
      `${examples('orderly kpi check', 'orderly kpi check --write')}

A version in versions.lock is never written again: what changes needs a new version.`,
    )
    .action(({ write }: { write?: true }) => {
      if (write) writeLock(kpisFolder);
      const catalogue = readKpiCatalogue();
      checkPages(catalogue, pagesFolder, write === true);
      for (const line of report(catalogue, Date.now())) print(line);
    });
}

/** Adds the versions of a folder that its lock lacks. @throws as readKpiCatalogue, and then writes nothing */
export function writeLock(folder: string): void {
  const files = readDefinitions(folder);
  const lock = withNewVersions(readLock(folder), files);
  lockedCatalogue(files, lock);
  writeFileSync(join(folder, lockFileName), formatLock(lock));
}

/** @throws OrderlyError KpiPagesOutdated, unless it may write them */
function checkPages(catalogue: Catalogue, folder: string, write: boolean): void {
  if (!existsSync(folder)) return;
  const outdated = write ? writePages(catalogue, folder) : outdatedPages(catalogue, folder);
  if (outdated.length === 0) return;
  const files = outdated.join(', ');
  if (!write) throw new OrderlyError('KpiPagesOutdated', { files });
  print(`Wrote ${files}.`);
}

/** What a person should know of definitions that are right. @param at milliseconds since the epoch */
export function report(catalogue: Catalogue, at: number): string[] {
  const newest = catalogue.names.flatMap(name => catalogue.versionsOf(name).slice(0, 1));
  const inUse = newest.filter(({ retired }) => retired === undefined);
  const covered = coverageOf(catalogue, at);
  return [
    `${newest.length} KPIs in ${catalogue.definitions.length} versions, all as they were released.`,
    `Observed: ${share(covered, 'activity')} activity types, ${share(covered, 'workflow')} workflow types.`,
    ...inUse.flatMap(definition => {
      const feed = feedOf(catalogue, definition);
      return feed.fed ? [] : [`Not fed yet: ${definition.name}: ${feed.why}.`];
    }),
    ...inUse
      .filter(({ reviewBy }) => Date.parse(reviewBy) < at)
      .map(({ name, reviewBy }) => `To be reviewed: ${name}, by ${reviewBy}.`),
  ];
}

function share(covered: readonly Covered[], kind: Covered['kind']): string {
  const ofKind = covered.filter(each => each.kind === kind);
  return `${ofKind.filter(({ observed }) => observed).length} of ${ofKind.length}`;
}
