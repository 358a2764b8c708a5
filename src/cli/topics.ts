import { Command } from 'commander';
import { readConfig } from '../config';
import { ensureTopics, programTopics } from '../kafka/topics';
import { readKpiCatalogue } from '../kpiCatalogue';
import { commandKafka } from './servers/kafka';
import { commandLogger } from './servers/logger';
import { examples } from './terminal/examples';
import { print, printJson } from './terminal/output';

/** `orderly topics`: what must exist in Kafka. The roles create it too; this is for doing so by hand. */
export function topicsCommand(): Command {
  const create = new Command('create')
    .description('Create the topics that are missing; existing ones stay as they are.')
    .option('--json', 'print the topics as JSON')
    .addHelpText(
      'after',
      examples('orderly topics create', 'KAFKA_PARTITIONS=12 orderly topics create'),
    )
    .action(async ({ json }: { json?: true }) => {
      const config = readConfig();
      const topics = programTopics(config, readKpiCatalogue().namesWithEvents);
      await ensureTopics(commandKafka(config), topics, commandLogger(config));
      const names = topics.map(({ name }) => name);
      if (json) printJson(names);
      else print(`These topics exist: ${names.join(', ')}`);
    });
  return new Command('topics').description('The topics in Kafka.').addCommand(create);
}
