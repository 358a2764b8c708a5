import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { OrderlyError } from '../../errors';
import type { Catalogue } from '../../kpi/catalogue';
import { type Covered, coverageOf } from '../../kpi/coverage';
import { feedOf, unproducedBy } from '../../kpi/feed';
import { formatLock, lockFileName, withNewVersions } from '../../kpi/lock';
import {
  kpisFolder,
  lockedCatalogue,
  readDefinitions,
  readKpiCatalogue,
  readLock,
} from '../../kpiCatalogue';
import { examples } from '../terminal/examples';
import { print, printJson } from '../terminal/output';
import { pagesPath } from './page';
import { outdatedPages, writePages } from './pages';

const checkout = join(kpisFolder, '..');
/** docs/kpis/ of this checkout; an image has no docs, and there is nothing to compare. */
const pagesFolder = join(checkout, pagesPath);

/** `orderly kpi check`: whether the definitions can go into production as they are. */
export function checkCommand(): Command {
  return new Command('check')
    .description('Check the KPI definitions, their versions and their pages.')
    .option('--write', 'add new versions to versions.lock, and write the pages anew')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `${examples('orderly kpi check', 'orderly kpi check --write')}

A version in versions.lock is never written again: what changes needs a new version.`,
    )
    .action(({ write, json }: { write?: true; json?: true }) => {
      if (write) writeLock(kpisFolder);
      const catalogue = readKpiCatalogue();
      const written = checkPages(catalogue, pagesFolder, write === true);
      const checked = { ...checkedAt(catalogue, Date.now(), hasRunbook), written };
      if (json) printJson(checked);
      else for (const line of report(checked)) print(line);
    });
}

/** Adds the versions of a folder that its lock lacks. @throws as readKpiCatalogue, and then writes nothing */
export function writeLock(folder: string): void {
  const files = readDefinitions(folder);
  const lock = withNewVersions(readLock(folder), files);
  lockedCatalogue(files, lock);
  writeFileSync(join(folder, lockFileName), formatLock(lock));
}

/** Answers with the pages it wrote. @throws OrderlyError KpiPagesOutdated, unless it may write them */
function checkPages(catalogue: Catalogue, folder: string, write: boolean): string[] {
  if (!existsSync(folder)) return [];
  if (write) return writePages(catalogue, folder);
  const outdated = outdatedPages(catalogue, folder);
  if (outdated.length === 0) return [];
  throw new OrderlyError('KpiPagesOutdated', { files: outdated.join(', ') });
}

/** A page elsewhere can not be looked for, nor any in an image. */
function hasRunbook(runbook: string): boolean {
  if (runbook.includes('://') || !existsSync(pagesFolder)) return true;
  return existsSync(join(checkout, runbook.replace(/#.*/, '')));
}

/** What a person should know of definitions that are right. */
interface Checked {
  readonly kpis: number;
  readonly versions: number;
  readonly observed: Readonly<Record<`${Covered['kind']}Types`, Share>>;
  readonly notFed: readonly { readonly kpi: string; readonly why: string }[];
  /** Of those that are fed. */
  readonly unproduced: readonly { readonly kpi: string; readonly names: readonly string[] }[];
  readonly noRunbook: readonly { readonly kpi: string; readonly runbook: string }[];
  readonly reviewDue: readonly { readonly kpi: string; readonly reviewBy: string }[];
}

interface Share {
  readonly observed: number;
  readonly total: number;
}

/** @param at milliseconds since the epoch @param hasPage whether a runbook can be opened */
export function checkedAt(
  catalogue: Catalogue,
  at: number,
  hasPage: (runbook: string) => boolean,
): Checked {
  const newest = catalogue.names.flatMap(name => catalogue.versionsOf(name).slice(0, 1));
  const inUse = newest.filter(({ retired }) => retired === undefined);
  const covered = coverageOf(catalogue, at);
  return {
    kpis: newest.length,
    versions: catalogue.definitions.length,
    observed: {
      activityTypes: shareOf(covered, 'activity'),
      workflowTypes: shareOf(covered, 'workflow'),
    },
    notFed: inUse.flatMap(definition => {
      const feed = feedOf(catalogue, definition);
      return feed.fed ? [] : [{ kpi: definition.name, why: feed.why }];
    }),
    unproduced: inUse
      .filter(definition => feedOf(catalogue, definition).fed)
      .map(definition => ({ kpi: definition.name, names: unproducedBy(definition) }))
      .filter(({ names }) => names.length > 0),
    noRunbook: inUse
      .filter(({ runbook }) => !hasPage(runbook))
      .map(({ name: kpi, runbook }) => ({ kpi, runbook })),
    reviewDue: inUse
      .filter(({ reviewBy }) => Date.parse(reviewBy) < at)
      .map(({ name: kpi, reviewBy }) => ({ kpi, reviewBy })),
  };
}

function shareOf(covered: readonly Covered[], kind: Covered['kind']): Share {
  const ofKind = covered.filter(each => each.kind === kind);
  return { observed: ofKind.filter(({ observed }) => observed).length, total: ofKind.length };
}

/** The same as lines of text. */
export function report(checked: Checked & { readonly written: readonly string[] }): string[] {
  const { kpis, versions, observed, notFed, unproduced, noRunbook, reviewDue, written } = checked;
  const share = ({ observed: some, total }: Share) => `${some} of ${total}`;
  return [
    ...(written.length === 0 ? [] : [`Wrote ${written.join(', ')}.`]),
    `${kpis} KPIs in ${versions} versions, all as they were released.`,
    `Observed: ${share(observed.activityTypes)} activity types, ${share(observed.workflowTypes)} workflow types.`,
    ...notFed.map(({ kpi, why }) => `Not fed yet: ${kpi}: ${why}.`),
    ...unproduced.map(
      ({ kpi, names }) =>
        `Nothing produces ${names.join(', ')}: ${kpi} counts without; is the name right?`,
    ),
    ...noRunbook.map(({ kpi, runbook }) => `There is no ${runbook}, the runbook of ${kpi}.`),
    ...reviewDue.map(({ kpi, reviewBy }) => `To be reviewed: ${kpi}, by ${reviewBy}.`),
  ];
}
