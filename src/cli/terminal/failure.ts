/** The one place that turns whatever a command threw into a line for people, and into an exit code. */
import { CommanderError } from 'commander';
import { messageOf, OrderlyError } from '../../errors';
import { note } from './output';

/** 0 done, 1 failed, 2 wrong usage. */
export function exitCodeOf(thrown: unknown): number {
  if (isHelp(thrown)) return 0;
  return errorsIn(thrown).every(error => error.usage) ? 2 : 1;
}

/** Writes one line per error to standard error: what happened, and what to do next. */
export function reportFailure(thrown: unknown): void {
  if (isHelp(thrown) || isHelpInsteadOfCommand(thrown)) return;
  for (const error of errorsIn(thrown)) note(explain(error));
}

/** What happened, and what to do next, in one line. */
export function explain({ message, next, usage }: OrderlyError): string {
  const what = usage ? message.replace(/[^\s/"{}]{81,}/g, cut) : message;
  return `${sentence(what)} ${sentence(next)}`;
}

/** A word that was given wrongly is known to who gave it: its beginning is enough. Paths and JSON stay whole. */
const cut = (text: string): string => (text.length > 80 ? `${text.slice(0, 80)}…` : text);

function errorsIn(thrown: unknown): OrderlyError[] {
  if (thrown instanceof AggregateError) return thrown.errors.flatMap(errorsIn);
  if (thrown instanceof OrderlyError) return [thrown];
  if (thrown instanceof CommanderError) {
    const message = thrown.message.replace(/'([^']*)'/g, (_, quoted) => `'${cut(quoted)}'`);
    const detail = capitalised(message.replace(/^error: /, ''));
    return [new OrderlyError('UsageInvalid', { detail }, { cause: thrown })];
  }
  return [new OrderlyError('Unexpected', { detail: messageOf(thrown) }, { cause: thrown })];
}

/** Help and version were asked for, and are already printed. */
const isHelp = (thrown: unknown): boolean =>
  thrown instanceof CommanderError && thrown.exitCode === 0;

/** No command was named: commander has printed the help, which says it all. */
const isHelpInsteadOfCommand = (thrown: unknown): boolean =>
  thrown instanceof CommanderError && thrown.code === 'commander.help';

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function sentence(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return /[.!?)]$/.test(line) ? line : `${line}.`;
}
