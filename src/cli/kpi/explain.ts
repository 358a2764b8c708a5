import { Command } from 'commander';
import { OrderlyError } from '../../errors';
import type { Catalogue } from '../../kpi/catalogue';
import type { KpiDefinition } from '../../kpi/definition';
import { explain, type Section } from '../../kpi/explain';
import { feedOf } from '../../kpi/feed';
import { readKpiCatalogue } from '../../kpiCatalogue';
import { wholeNumber } from '../terminal/arguments';
import { examples } from '../terminal/examples';
import { print, printJson } from '../terminal/output';
import { standingOf } from './standing';

/** `orderly kpi explain`: what a definition says, in plain words. */
export function explainCommand(): Command {
  return new Command('explain')
    .description('Say in plain words what a KPI is, from its definition alone.')
    .argument('<name>', 'inventory-errors for example')
    .option('--version <n>', 'this version, rather than the newest', wholeNumber(1))
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples('orderly kpi explain order-latency', 'orderly kpi explain revenue --version 1'),
    )
    .action((name: string, { version, json }: { version?: number; json?: true }) => {
      const catalogue = readKpiCatalogue();
      const explained = explainedAt(catalogue, versionOf(catalogue, name, version), Date.now());
      if (json) printJson(explained);
      else print(asText(explained));
    });
}

/**
 * A version of a KPI; the newest where none is named.
 * @throws OrderlyError KpiUnknown, KpiVersionUnknown
 */
export function versionOf(catalogue: Catalogue, name: string, version?: number): KpiDefinition {
  const versions = catalogue.versionsOf(name);
  const found =
    version === undefined ? versions[0] : versions.find(each => each.version === version);
  if (found === undefined)
    throw new OrderlyError('KpiVersionUnknown', { name, version: version ?? 0 });
  return found;
}

function explainedAt(catalogue: Catalogue, definition: KpiDefinition, at: number) {
  const { title, name, version, effectiveFrom } = definition;
  return {
    ...{ name, version, title, effectiveFrom },
    standing: standingOf(catalogue, definition, at),
    ...feedOf(catalogue, definition),
    sections: explain(definition),
  };
}

function asText(explained: ReturnType<typeof explainedAt>): string {
  const { title, name, version, standing, effectiveFrom, sections } = explained;
  return [
    `${title} (${name}, version ${version}, ${standing}, from ${effectiveFrom})`,
    ...(explained.fed ? [] : [`Not fed yet: ${explained.why}.`]),
    ...sections.map(section),
  ].join('\n\n');
}

const section = ({ heading, sentences, items }: Section): string =>
  [
    heading.toUpperCase(),
    ...(sentences.length === 0 ? [] : [sentences.join(' ')]),
    ...items.map(item => `  - ${item}`),
  ].join('\n');
