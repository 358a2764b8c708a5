import { access, constants, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Command, Option } from 'commander';
import { readConfig } from '../../config';
import { messageOf, OrderlyError } from '../../errors';
import { readKpiCatalogue } from '../../kpiCatalogue';
import {
  changedMinutes,
  type ExportPlace,
  exportHorizon,
  goesOnFrom,
} from '../../postgres/ledgerExport';
import { withDatabase } from '../servers/postgres';
import { examples } from '../terminal/examples';
import { writeOut } from '../terminal/output';
import { csvHead, csvLine, jsonLine } from './exportLines';

interface ExportOptions {
  readonly format: 'csv' | 'ndjson';
  readonly state?: string;
}

/** `orderly kpi export`: the minutes of all KPIs for a warehouse. */
export function exportCommand(): Command {
  return new Command('export')
    .description('Write the figures of all KPIs for a warehouse: per minute and slice.')
    .addOption(
      new Option('--format <format>', 'how to write them')
        .choices(['csv', 'ndjson'])
        .makeOptionMandatory(),
    )
    .option('--state <file>', 'write only what has changed since the export that this file notes')
    .addHelpText(
      'after',
      `${examples(
        'orderly kpi export --format csv > kpis.csv',
        'orderly kpi export --format ndjson --state kpis.place >> kpis.ndjson',
      )}

A minute that changes comes again: of two lines with one kpi, version, minute and slice, the one with the
greater change holds. docs/reading-kpis.md explains the fields.`,
    )
    .action(exportMinutes);
}

async function exportMinutes({ format, state }: ExportOptions): Promise<void> {
  // Nothing of it is needed: figures whose definitions were changed are given to nobody.
  readKpiCatalogue();
  const from = state === undefined ? undefined : await readPlace(state);
  if (state !== undefined) await mustTakeFiles(dirname(state));
  await withDatabase(readConfig(), async pool => {
    const until = await exportHorizon(pool);
    if (state !== undefined && from !== undefined && !goesOnFrom(from, until)) {
      throw new OrderlyError('ExportPlaceForeign', { path: state });
    }
    // What nobody reads is not exported: the note stays, and the next export writes it again.
    if (format === 'csv' && !(await writeOut(csvHead))) return;
    for await (const page of changedMinutes(pool, from, until)) {
      if (!(await writeOut(page.map(format === 'csv' ? csvLine : jsonLine).join('')))) return;
    }
    if (state !== undefined) await writePlace(state, until);
  });
}

const placePattern = /^(\d{1,20}-\d{1,10}) (\d{1,5}) (\d{1,20})\s*$/;

/** Absent at the first export. @throws OrderlyError FileUnreadable */
async function readPlace(path: string): Promise<ExportPlace | undefined> {
  const text = await readFile(path, 'utf8').catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === 'ENOENT') return undefined;
    throw unreadable(path, messageOf(thrown), thrown);
  });
  if (text === undefined) return undefined;
  const [, database, generation, next] = placePattern.exec(text) ?? [];
  if (database === undefined || next === undefined)
    throw unreadable(path, 'it is no note of an export');
  return { database, generation: Number(generation), next };
}

/** Before anything is written out. @throws OrderlyError FileUnreadable */
async function mustTakeFiles(folder: string): Promise<void> {
  await access(folder, constants.W_OK).catch((thrown: unknown) => {
    throw unreadable(folder, messageOf(thrown), thrown);
  });
}

/** In one step, so that an export that is interrupted leaves the note of the one before. */
async function writePlace(path: string, place: ExportPlace): Promise<void> {
  const { database, generation, next } = place;
  await writeFile(`${path}.new`, `${database} ${generation} ${next}\n`);
  await rename(`${path}.new`, path);
}

const unreadable = (path: string, detail: string, cause?: unknown) =>
  new OrderlyError('FileUnreadable', { path, detail }, { cause });
