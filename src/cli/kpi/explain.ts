import { Command } from 'commander';
import { OrderlyError } from '../../errors';
import type { Catalogue } from '../../kpi/catalogue';
import type { KpiDefinition } from '../../kpi/definition';
import { explain, type Section } from '../../kpi/explain';
import { feedOf } from '../../kpi/feed';
import { readKpiCatalogue } from '../../kpiCatalogue';
import { wholeNumber } from '../terminal/arguments';
import { examples } from '../terminal/examples';
import { print } from '../terminal/output';
import { standingOf } from './standing';

/** `orderly kpi explain`: what a definition says, in plain words. */
export function explainCommand(): Command {
  return new Command('explain')
    .description('Say in plain words what a KPI is, from its definition alone.')
    .argument('<name>', 'inventory-errors for example')
    .option('--version <n>', 'this version, rather than the newest', wholeNumber(1))
    .addHelpText(
      'after',
      examples('orderly kpi explain order-latency', 'orderly kpi explain revenue --version 1'),
    )
    .action((name: string, { version }: { version?: number }) => {
      const catalogue = readKpiCatalogue();
      print(explained(catalogue, versionOf(catalogue, name, version), Date.now()));
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

function explained(catalogue: Catalogue, definition: KpiDefinition, at: number): string {
  const { title, name, version, effectiveFrom } = definition;
  const feed = feedOf(catalogue, definition);
  const standing = standingOf(catalogue, definition, at);
  return [
    `${title} (${name}, version ${version}, ${standing}, from ${effectiveFrom})`,
    ...(feed.fed ? [] : [`Not fed yet: ${feed.why}.`]),
    ...explain(definition).map(section),
  ].join('\n\n');
}

const section = ({ heading, sentences, items }: Section): string =>
  [
    heading.toUpperCase(),
    ...(sentences.length === 0 ? [] : [sentences.join(' ')]),
    ...items.map(item => `  - ${item}`),
  ].join('\n');
