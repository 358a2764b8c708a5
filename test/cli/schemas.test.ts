import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  outdatedSchemas,
  schemasCommand,
  schemasFolder,
  writeSchemas,
} from '../../src/cli/schemas';
import { definitionSchemaFile } from '../../src/kpi/jsonSchema';
import { messages } from '../../src/messages';
import { schemaFileName } from '../../src/messages/jsonSchema';

describe('orderly schemas', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'orderly-schemas-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('finds that the committed schemas are what src/messages says', async () => {
    expect(await outdatedSchemas(schemasFolder)).toEqual([]);
  });

  it('writes one file per message and version and one of definitions, and then finds nothing to do', async () => {
    const names = [...messages.map(schemaFileName), definitionSchemaFile].sort();
    expect(await writeSchemas(folder)).toEqual(names);
    expect((await readdir(folder)).sort()).toEqual(names);
    expect(await writeSchemas(folder)).toEqual([]);
  });

  it('names a file that is missing, changed or left over, and mends all three', async () => {
    await writeSchemas(folder);
    await rm(join(folder, 'OrderReceived.v1.json'));
    await writeFile(join(folder, 'KpiEvent.v1.json'), '{}\n');
    await writeFile(join(folder, 'Forgotten.v1.json'), '{}\n');
    const outdated = ['Forgotten.v1.json', 'KpiEvent.v1.json', 'OrderReceived.v1.json'];
    expect(await outdatedSchemas(folder)).toEqual(outdated);
    expect(await writeSchemas(folder)).toEqual(outdated);
    expect(await outdatedSchemas(folder)).toEqual([]);
  });

  it('checks without writing', async () => {
    const log = jest.spyOn(console, 'log').mockImplementation(() => {});
    await schemasCommand().parseAsync(['--check'], { from: 'user' });
    expect(log).toHaveBeenCalledWith(`schemas/ is up to date (${messages.length + 1} schemas)`);
    log.mockRestore();
  });
});
