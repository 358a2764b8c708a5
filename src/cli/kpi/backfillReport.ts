/** What a back-fill came to, as text for people and as JSON; pure. */
import type { KpiDefinition } from '../../kpi/definition';
import type { Backfilled } from '../../watcher/backfill';
import { passesOnRestart } from '../../watcher/refusal';
import { judgedText } from './reconcileReport';

type Version = Pick<KpiDefinition, 'name' | 'version'>;

export const backfilledJson = ({ name, version }: Version, { span, ...sums }: Backfilled) => ({
  kpi: name,
  version,
  from: new Date(span.from).toISOString(),
  to: new Date(span.to).toISOString(),
  ...sums,
});

export function describeBackfilled({ name, version }: Version, done: Backfilled): string {
  const { span, runs, published, refusedBefore, known } = done;
  const lines = [
    judgedText(span),
    `${runs} workflows read; of ${name}, version ${version}, ${published} events are published${amongThem(refusedBefore)}, and ${known} were in the ledger already.`,
  ];
  if (Object.keys(refusedBefore).some(passesOnRestart)) lines.push(startAnew);
  return lines.join('\n');
}

/** Nothing tells from outside by which definitions a ledger counts. */
const startAnew =
  'A ledger reads the definitions when it starts: unless it was started anew with this version, it refuses them again; do this once more then.';

function amongThem(refused: Backfilled['refusedBefore']): string {
  const counts = Object.entries(refused).sort(([one], [other]) => (one < other ? -1 : 1));
  if (counts.length === 0) return '';
  const sum = counts.reduce((total, [, events]) => total + events, 0);
  const codes = counts.map(([code, events]) => (counts.length === 1 ? code : `${code} ${events}`));
  return `, ${sum} of them the ledger had refused before (${codes.join(', ')})`;
}
