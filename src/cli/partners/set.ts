import { Argument, Command } from 'commander';
import { readConfig } from '../../config';
import { OrderlyError } from '../../errors';
import { share, wait } from '../terminal/arguments';
import { examples } from '../terminal/examples';
import { print, printJson } from '../terminal/output';
import { ask, type PartnerName, partnerNames } from './ask';
import { type Behaviour, behaviour, behavioursTable, fields } from './behaviours';

interface SetOptions {
  readonly json?: true;
  readonly latency?: number;
  readonly delay?: number;
  readonly [trouble: string]: unknown;
}

/** `orderly partners set`: how one partner is to behave from now on. */
export function setCommand(): Command {
  return new Command('set')
    .description(
      'Set how a partner behaves from now on. What is not named stays as it is; 0 ends a trouble.',
    )
    .addArgument(new Argument('<name>', 'the partner').choices(partnerNames))
    .option('--fail <share>', 'calls that fail before anything is done; attempts to pick', share)
    .option('--latency <time>', 'how long an answer takes, or picking a parcel: 300ms, 2s', wait)
    .option('--delay <time>', 'carrier: how long a booked parcel waits for the van', wait)
    .option('--decline <share>', 'payment providers: orders that the bank declines', share)
    .option('--refuse <share>', 'carrier: orders whose address is refused', share)
    .option('--lose-answer <share>', 'calls that are done while their answer gets lost', share)
    .option('--duplicate <share>', 'carrier, warehouse: messages that are sent twice', share)
    .option('--lie <share>', 'carrier, warehouse: messages that an untrue one follows', share)
    .option('--json', 'print the whole behaviour as JSON; times in milliseconds')
    .addHelpText(
      'after',
      examples(
        'orderly partners set payment-a --fail 0.2 --latency 300ms',
        'orderly partners set carrier --refuse 0.1 --duplicate 0.5 --delay 2s',
        'orderly partners set payment-a --fail 0',
      ),
    )
    .action(async (name: PartnerName, { json, latency, delay, ...shares }: SetOptions) => {
      const wanted = { ...shares, ...named('latencyMs', latency), ...named('delayMs', delay) };
      if (Object.keys(wanted).length === 0) {
        throw new OrderlyError('UsageInvalid', { detail: 'Name at least one trouble to set' });
      }
      const now = await change(name, wanted);
      if (json) printJson(now);
      else print(behavioursTable([[name, now]]));
    });
}

const named = (field: string, value: number | undefined) =>
  value === undefined ? {} : { [field]: value };

async function change(name: PartnerName, wanted: object): Promise<Behaviour> {
  const config = readConfig();
  const before = await ask(config, name, '/behaviour', behaviour);
  try {
    return await ask(config, name, '/behaviour', behaviour, { ...before, ...wanted });
  } catch (thrown) {
    throw thrown instanceof OrderlyError ? inOptions(thrown) : thrown;
  }
}

/** The error with the names of fields as they were given. */
function inOptions({ code, parameters, cause }: OrderlyError): OrderlyError {
  const named = Object.entries(parameters).map(([name, value]) => [
    name,
    Object.entries(fields).reduce(
      (text, [field, option]) => text.replace(new RegExp(`"?\\b${field}\\b"?`), `--${option}`),
      String(value),
    ),
  ]);
  return new OrderlyError(code, Object.fromEntries(named), { cause });
}
