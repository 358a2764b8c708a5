/** `orderly schemas`: the JSON Schemas under schemas/, generated from src/messages and src/kpi. */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { OrderlyError } from '../errors';
import { definitionJsonSchema, definitionSchemaFile } from '../kpi/jsonSchema';
import { messages } from '../messages';
import { jsonSchemaOf, schemaFileName } from '../messages/jsonSchema';

/** schemas/ of this checkout; below it, released/ holds what is never generated. */
export const schemasFolder = join(__dirname, '../../schemas');

const generated: ReadonlyMap<string, string> = new Map(
  [
    ...messages.map(message => [schemaFileName(message), jsonSchemaOf(message)] as const),
    [definitionSchemaFile, definitionJsonSchema()] as const,
  ].map(([file, schema]) => [file, `${JSON.stringify(schema, undefined, 2)}\n`]),
);

/** The names of the files that are missing, differ from what is generated, or should not be there. */
export async function outdatedSchemas(folder: string): Promise<string[]> {
  const present = await schemaFilesIn(folder);
  const names = [...new Set([...generated.keys(), ...present])].sort();
  const outdated = await Promise.all(
    names.map(async name => {
      if (!present.includes(name)) return true;
      return (await readFile(join(folder, name), 'utf8')) !== generated.get(name);
    }),
  );
  return names.filter((_, index) => outdated[index]);
}

/** Makes the folder hold what is generated; answers the names of the files that it changed. */
export async function writeSchemas(folder: string): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const outdated = await outdatedSchemas(folder);
  await Promise.all(
    outdated.map(name => {
      const content = generated.get(name);
      return content === undefined
        ? rm(join(folder, name))
        : writeFile(join(folder, name), content);
    }),
  );
  return outdated;
}

async function schemaFilesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries
    .filter(entry => entry.isFile() && entry.name.endsWith('.json'))
    .map(entry => entry.name);
}

/** Writes the schemas, or with `--check` only compares them and fails where they differ. */
export function schemasCommand(): Command {
  return new Command('schemas')
    .description('write the JSON Schemas of the messages and of KPI definitions to schemas/')
    .option('--check', 'compare only, and fail where a file differs')
    .action(async ({ check }: { check?: true }) => {
      if (check) {
        const outdated = await outdatedSchemas(schemasFolder);
        if (outdated.length > 0) {
          throw new OrderlyError('SchemasOutdated', { files: outdated.join(', ') });
        }
        console.log(`schemas/ is up to date (${generated.size} schemas)`);
        return;
      }
      const written = await writeSchemas(schemasFolder);
      console.log(written.length === 0 ? 'schemas/ was up to date' : `wrote ${written.join(', ')}`);
    });
}
