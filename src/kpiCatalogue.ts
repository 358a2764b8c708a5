/** Reads the KPI definitions from their folder. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { Catalogue } from './kpi/catalogue';
import { parseDefinition } from './kpi/parse';

/** `kpis/` of the project: beside `src` and beside `dist`. */
const projectKpis = join(__dirname, '..', 'kpis');

/**
 * The catalogue of every `*.yaml` in a folder.
 * @throws OrderlyError KpiDefinitionInvalid with file, line and reason, for the first file that is wrong.
 */
export function readKpiCatalogue(directory: string = projectKpis): Catalogue {
  const files = readdirSync(directory)
    .filter(name => name.endsWith('.yaml'))
    .sort()
    .map(name => join(directory, name));
  return new Catalogue(
    files.map(path => {
      const file = relative(process.cwd(), path);
      return { file, definition: parseDefinition(readFileSync(path, 'utf8'), file) };
    }),
  );
}
