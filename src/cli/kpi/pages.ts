/** The generated reference pages in their folder: which are out of date, and writing them. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Catalogue } from '../../kpi/catalogue';
import { kpiPage } from './page';

/** Written by hand, and no page of a KPI. */
const readme = 'README.md';

/** The names of the pages that are missing, differ from what is generated, or should not be there. */
export function outdatedPages(catalogue: Catalogue, folder: string): string[] {
  const present = new Set(readdirSync(folder).filter(name => name.endsWith('.md')));
  const expected = catalogue.names.map(fileOf);
  const wrong = catalogue.names
    .filter(name => !present.has(fileOf(name)) || !isCurrent(catalogue, name, folder))
    .map(fileOf);
  const leftOver = [...present].filter(file => file !== readme && !expected.includes(file));
  return [...wrong, ...leftOver].sort();
}

/** Makes the folder hold what is generated; answers the names of the pages that it changed. */
export function writePages(catalogue: Catalogue, folder: string): string[] {
  const outdated = outdatedPages(catalogue, folder);
  const names = new Map(catalogue.names.map(name => [fileOf(name), name]));
  for (const file of outdated) {
    const name = names.get(file);
    if (name === undefined) rmSync(join(folder, file));
    else writeFileSync(join(folder, file), kpiPage(catalogue, name));
  }
  return outdated;
}

const fileOf = (name: string): string => `${name}.md`;

const isCurrent = (catalogue: Catalogue, name: string, folder: string): boolean =>
  readFileSync(join(folder, fileOf(name)), 'utf8') === kpiPage(catalogue, name);
