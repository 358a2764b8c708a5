import { Command } from 'commander';
import { readConfig } from '../../config';
import { OrderlyError } from '../../errors';
import { endOf, readTopics, since } from '../../kafka/reader';
import type { Catalogue } from '../../kpi/catalogue';
import { readKpiCatalogue } from '../../kpiCatalogue';
import { kpiTopic } from '../../messages/kpiEvent';
import { commandKafka } from '../servers/kafka';
import { wholeNumber } from '../terminal/arguments';
import { examples } from '../terminal/examples';
import { interruptible, pause } from '../terminal/interrupt';
import { print, printJson } from '../terminal/output';
import { describeEvent, describeFigures } from './describe';
import { SlidingWindow } from './figures';
import { type IdentifiedKpiEvent, readKpiEvent } from './readEvent';

const defaultMinutes = 15;
const summaryEveryMs = 10_000;

interface TailOptions {
  readonly minutes: number;
  readonly json?: true;
}

/** `orderly kpi tail`: the events as they come, and what they amount to. */
export function tailCommand(): Command {
  return new Command('tail')
    .description('Print KPI events as they come, each once, and their running figures.')
    .argument('[name]', 'only this KPI, inventory-errors for example')
    .option('--minutes <n>', 'how far to look back', wholeNumber(1), defaultMinutes)
    .option('--json', 'print one line of JSON per event, and no figures')
    .addHelpText(
      'after',
      `${examples('orderly kpi tail', 'orderly kpi tail order-latency', 'orderly kpi tail inventory-errors --json')}

The figures are those of the minutes looked back; Ctrl-C ends.`,
    )
    .action(tail);
}

async function tail(name: string | undefined, { minutes, json }: TailOptions): Promise<void> {
  const catalogue = readKpiCatalogue();
  const names = name === undefined ? catalogue.namesWithEvents : [withEvents(name, catalogue)];
  const kafka = commandKafka(readConfig());
  const topics = names.map(kpiTopic);
  const windowMs = minutes * 60_000;
  const windows = new Map(names.map(kpi => [kpi, new SlidingWindow(windowMs)]));

  const onEvent = (event: IdentifiedKpiEvent) => {
    const at = Date.parse(event.data.timestamp);
    const isNew = windows.get(event.data.kpi)?.add({ id: event.id, at, value: event.data.value });
    if (isNew !== true) return;
    if (json) printJson({ id: event.id, ...event.data });
    else print(describeEvent(event.data));
  };
  const printFigures = () => {
    if (json) return;
    for (const [kpi, window] of windows) {
      const definition = catalogue.inForce(kpi, Date.now());
      if (definition !== undefined) print(describeFigures(definition, window, Date.now()));
    }
  };

  await interruptible(async signal => {
    const begin = await since(kafka, topics, Date.now() - windowMs);
    const end = await endOf(kafka, topics);
    const reading = await readTopics(kafka, begin, record => {
      const event = readKpiEvent(record);
      if (event !== undefined) onEvent(event);
    });
    while (!signal.aborted && !reading.hasReached(end)) await pause(50, signal);
    while (!signal.aborted) {
      printFigures();
      await pause(summaryEveryMs, signal);
    }
    await reading.stop();
    printFigures();
  });
}

function withEvents(name: string, catalogue: Catalogue): string {
  if (catalogue.namesWithEvents.includes(name)) return name;
  if (!catalogue.names.includes(name)) throw new OrderlyError('KpiUnknown', { name });
  const detail = `${name} is computed from other KPIs and has no events of its own.`;
  throw new OrderlyError('UsageInvalid', { detail });
}
