import { Command } from 'commander';
import { readConfig } from '../../config';
import { examples } from '../terminal/examples';
import { print, printJson } from '../terminal/output';
import { ask, partnerNames } from './ask';
import { behaviour, behavioursTable } from './behaviours';

/** `orderly partners show`: how each partner behaves now. */
export function showCommand(): Command {
  return new Command('show')
    .description('Show how each partner behaves now.')
    .option('--json', 'print one JSON object, by partner; times in milliseconds')
    .addHelpText('after', examples('orderly partners show', 'orderly partners show --json'))
    .action(async ({ json }: { readonly json?: true }) => {
      const config = readConfig();
      const behaviours = await Promise.all(
        partnerNames.map(
          async name => [name, await ask(config, name, '/behaviour', behaviour)] as const,
        ),
      );
      if (json) printJson(Object.fromEntries(behaviours));
      else print(behavioursTable(behaviours));
    });
}
