import { Command } from 'commander';
import type { KpiDefinition } from '../../kpi/definition';
import { canonicalJson, type Difference, differences } from '../../kpi/differences';
import { readKpiCatalogue } from '../../kpiCatalogue';
import { wholeNumber } from '../terminal/arguments';
import { examples } from '../terminal/examples';
import { print, printJson } from '../terminal/output';
import { versionOf } from './explain';

interface DiffOptions {
  readonly from?: number;
  readonly to?: number;
  readonly json?: true;
}

/** `orderly kpi diff`: what one version of a KPI changed. */
export function diffCommand(): Command {
  return new Command('diff')
    .description('Show what differs between two versions of a KPI.')
    .argument('<name>', 'inventory-errors for example')
    .option('--from <n>', 'the older version; by default the one before the other', wholeNumber(1))
    .option('--to <n>', 'the newer version; by default the newest', wholeNumber(1))
    .option('--json', 'print the differences as JSON')
    .addHelpText(
      'after',
      examples('orderly kpi diff order-latency', 'orderly kpi diff order-latency --from 1 --to 3'),
    )
    .action(diff);
}

function diff(name: string, { from, to, json }: DiffOptions): void {
  const catalogue = readKpiCatalogue();
  const after = versionOf(catalogue, name, to);
  const older = catalogue.versionsOf(name).filter(({ version }) => version < after.version);
  const before = from === undefined ? older[0] : versionOf(catalogue, name, from);
  if (before === undefined) {
    if (json) printJson([]);
    else print(`There is no version of ${name} before ${after.version}.`);
    return;
  }
  if (json) printJson(changes(before, after));
  else for (const line of describeVersions(before, after)) print(line);
}

/** A heading, then each difference with what was and what is. */
export const describeVersions = (before: KpiDefinition, after: KpiDefinition): string[] => [
  `${after.name}, version ${before.version} -> ${after.version}`,
  ...changes(before, after).map(lines),
];

const changes = (before: KpiDefinition, after: KpiDefinition): Difference[] =>
  differences(before, after).filter(({ path }) => path !== 'version');

const lines = ({ path, before, after }: Difference): string =>
  [
    path,
    ...(before === undefined ? [] : [`  - ${canonicalJson(before)}`]),
    ...(after === undefined ? [] : [`  + ${canonicalJson(after)}`]),
  ].join('\n');
