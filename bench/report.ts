/** The figures of a run, for people and for programs. */
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { table } from '../src/cli/terminal/output';
import { type Figure, isMet } from './section';

export interface Report {
  /** RFC 3339. */
  readonly at: string;
  readonly machine: Readonly<Record<string, string>>;
  readonly sections: Readonly<Record<string, readonly Figure[]>>;
}

const resultsFile = join(__dirname, 'results.json');
const page = join(__dirname, '../docs/performance.md');
const mark = { begin: '<!-- figures -->', end: '<!-- end of figures -->' };

const heads = ['section', 'figure', 'value', 'unit', 'lowest', 'highest', 'goal', 'met'];
const rightAligned = new Set([2, 4, 5]);

/** @param servers where each server is from */
export function makeReport(
  servers: Readonly<Record<string, string>>,
  sections: Report['sections'],
): Report {
  const machine = {
    processor: `${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'})`,
    memory: `${(totalmem() / 1024 ** 3).toFixed(0)} GiB`,
    system: `${process.platform} ${process.arch}`,
    'Node.js': process.version,
    '@temporalio/worker': packageVersion('@temporalio/worker'),
    kafkajs: packageVersion('kafkajs'),
    ...servers,
  };
  return { at: new Date().toISOString(), machine, sections };
}

export const asTable = (report: Report): string => table([heads, ...rowsOf(report)], rightAligned);

export function writeResults(report: Report): void {
  writeFileSync(resultsFile, `${JSON.stringify(report, null, 2)}\n`);
}

/** Puts the figures into docs/performance.md, between its marks. */
export function writePage({ at, machine, sections }: Report): void {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rule = heads.map((_, column) => (rightAligned.has(column) ? '---:' : '---'));
  const about = Object.entries(machine).map(([name, value]) => `${name} ${value}`);
  const figures = [
    `Measured ${at.slice(0, 10)} on ${about.join('; ')}.`,
    '',
    ...[heads, rule, ...rowsOf({ at, machine, sections })].map(line),
  ].join('\n');
  const text = readFileSync(page, 'utf8');
  const [before] = text.split(mark.begin);
  const [, after] = text.split(mark.end);
  writeFileSync(page, `${before}${mark.begin}\n\n${figures}\n\n${mark.end}${after}`);
}

function rowsOf({ sections }: Report): string[][] {
  return Object.entries(sections).flatMap(([section, figures]) =>
    figures.map(figure => [
      section,
      figure.what,
      number(figure.value),
      figure.unit,
      number(figure.min),
      number(figure.max),
      goalOf(figure),
      figure.goal === undefined ? '' : isMet(figure) ? 'yes' : 'no',
    ]),
  );
}

function goalOf({ goal }: Figure): string {
  if (goal === undefined) return '';
  return 'atLeast' in goal ? `at least ${goal.atLeast}` : `at most ${goal.atMost}`;
}

/** Three digits are more than two runs have in common. */
function number(value: number | undefined): string {
  if (value === undefined) return '';
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

const packageVersion = (name: string): string =>
  (
    JSON.parse(readFileSync(join(__dirname, '../node_modules', name, 'package.json'), 'utf8')) as {
      version: string;
    }
  ).version;
