import { Command } from 'commander';
import type { Catalogue } from '../../kpi/catalogue';
import type { KpiDefinition } from '../../kpi/definition';
import { type Feed, feedOf } from '../../kpi/feed';
import { amountInWords, spanInWords, statisticInWords } from '../../kpi/words';
import { readKpiCatalogue } from '../../kpiCatalogue';
import { kpiTopic } from '../../messages/kpiEvent';
import { examples } from '../terminal/examples';
import { print, printJson, table } from '../terminal/output';
import { type Standing, standingOf } from './standing';

/** `orderly kpi list`: every version of every KPI. */
export function listCommand(): Command {
  return new Command('list')
    .description('List the KPIs, in all their versions.')
    .option('--json', 'print them as JSON')
    .addHelpText('after', examples('orderly kpi list', 'orderly kpi list --json'))
    .action(({ json }: { json?: true }) => {
      const listed = listedKpis(readKpiCatalogue(), Date.now());
      if (json) printJson(listed.map(summary));
      else print(table([['KPI', 'VERSION', 'STANDING', 'FED', 'TARGET'], ...listed.map(row)]));
    });
}

interface ListedKpi {
  readonly definition: KpiDefinition;
  readonly standing: Standing;
  readonly feed: Feed;
}

/** By name, the newest version first. */
const listedKpis = (catalogue: Catalogue, at: number): ListedKpi[] =>
  catalogue.names.flatMap(name =>
    catalogue.versionsOf(name).map(definition => ({
      definition,
      standing: standingOf(catalogue, definition, at),
      feed: feedOf(catalogue, definition),
    })),
  );

const row = ({ definition, standing, feed }: ListedKpi): string[] => [
  definition.name,
  `${definition.version}`,
  standing,
  feed.fed ? 'yes' : 'not yet',
  targetInWords(definition),
];

function targetInWords({ target, formula, window }: KpiDefinition): string {
  const { statistic, atMost, atLeast } = target;
  const side = atMost === undefined ? 'at least' : 'at most';
  const amount = amountInWords(atMost ?? atLeast ?? 0, statistic, formula);
  return `${statisticInWords(statistic, formula)} ${side} ${amount} in ${spanInWords(window)}`;
}

function summary({ definition, standing, feed }: ListedKpi) {
  const { name, version, effectiveFrom, title, formula, window, target, owner } = definition;
  const { kind, metric, unit } = formula;
  return {
    name,
    version,
    standing,
    ...feed,
    effectiveFrom,
    title,
    ...(kind !== 'derived' && { topic: kpiTopic(name) }),
    kind,
    metric,
    unit,
    window,
    target,
    owner,
  };
}
