/**
 * `npm run bench`: how fast Orderly is, measured against a bare Temporal worker on the same servers in the
 * same run. Ratios are what counts: they hold on any machine, times do not.
 */
import { Command, InvalidArgumentError } from 'commander';
import { wholeNumber } from '../src/cli/terminal/arguments';
import { type Bare, startBare } from './bare/bare';
import { asTable, makeReport, writePage, writeResults } from './report';
import { type Figure, isMet, type Scale, type Section } from './section';
import { backOrders } from './sections/backOrders';
import { counting } from './sections/counting';
import { groupCommit } from './sections/groupCommit';
import { kpiCapture } from './sections/kpiCapture';
import { latency } from './sections/latency';
import { ledger } from './sections/ledger';
import { life } from './sections/life';
import { memory } from './sections/memory';
import { reading } from './sections/reading';
import { reconciling } from './sections/reconciling';
import { starts } from './sections/starts';
import { throughput } from './sections/throughput';
import { bareBlock } from './support/blocks';
import { stopChildren } from './support/child';
import { openStage, type Stage } from './support/stage';

const sections: Readonly<Record<string, Section>> = {
  throughput,
  latency,
  'kpi-capture': kpiCapture,
  starts,
  reservations: groupCommit,
  life,
  'back-orders': backOrders,
  memory,
  // Before what makes up KPI events of orders that Temporal never had: a watcher asks for each of them.
  reconciling,
  counting,
  ledger,
  reading,
};

const sectionNames = Object.keys(sections);

const full: Scale = { orders: 400, pairs: 3, memoryOrders: 20_000, ledgerEvents: 2_500_000 };
const quick: Scale = { orders: 100, pairs: 1, memoryOrders: 400, ledgerEvents: 300_000 };

interface Options {
  readonly only: readonly string[];
  readonly quick?: true;
  readonly orders?: number;
  readonly pairs?: number;
  readonly memoryOrders?: number;
  readonly ledgerEvents?: number;
}

async function bench({ only, quick: isQuick, ...given }: Options): Promise<void> {
  const scale = { ...(isQuick ? quick : full), ...given };
  const figures: Record<string, readonly Figure[]> = {};
  const report = await onStage(async (stage, bare) => {
    const { perSecond: barePerSecond } = await bareBlock({ stage, bare }, scale.orders);
    note(`the bare worker does ${barePerSecond.toFixed(1)} orders/s`);
    for (const name of only) {
      note(`${name} ...`);
      figures[name] = await sections[name]!({ stage, bare, scale, barePerSecond, note });
      // After each, so that one that fails does not take those before it with it.
      writeResults(makeReport(stage.sources, figures));
    }
    return makeReport(stage.sources, figures);
  });
  if (!isQuick && only.length === sectionNames.length) writePage(report);
  console.log(asTable(report));
  if (!isQuick && !Object.values(figures).flat().every(isMet)) process.exitCode = 1;
}

/** Opens the stage with a bare worker on it, and clears it whatever happens, Ctrl-C included. */
async function onStage<T>(work: (stage: Stage, bare: Bare) => Promise<T>): Promise<T> {
  note('starting the servers ...');
  const opening = openStage();
  let clearing: Promise<void> | undefined;
  const clear = () => {
    clearing ??= stopChildren().then(async () => (await opening).close());
    return clearing;
  };
  const interrupted = () => void clear().finally(() => process.exit(130));
  process.on('SIGINT', interrupted);
  process.on('SIGTERM', interrupted);
  try {
    const stage = await opening;
    return await work(stage, await startBare(stage));
  } finally {
    await clear();
    process.off('SIGINT', interrupted);
    process.off('SIGTERM', interrupted);
  }
}

const note = (text: string): void => console.error(text);

function sectionsOf(text: string): string[] {
  const names = text.split(',');
  const unknown = names.find(name => !sectionNames.includes(name));
  if (unknown === undefined) return names;
  throw new InvalidArgumentError(`There is no section ${unknown}.`);
}

void new Command('bench')
  .description('Measure how fast Orderly is, against a bare Temporal worker on the same servers.')
  .option('--only <sections>', `of ${sectionNames.join(',')}`, sectionsOf, sectionNames)
  .option('--quick', 'few orders and one pair: to see that the bench runs, not for figures')
  .option('--orders <n>', 'orders in one block', wholeNumber(4))
  .option('--pairs <n>', 'blocks of each kind', wholeNumber(1))
  .option('--memory-orders <n>', 'orders of the section memory', wholeNumber(20))
  .option('--ledger-events <n>', 'KPI events of the section ledger', wholeNumber(1_000))
  .action(bench)
  .parseAsync();
