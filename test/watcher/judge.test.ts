import type { Finding } from '../../src/postgres/findings';
import type { CountedEvent } from '../../src/postgres/ledgerLookup';
import { Judge, type JudgeOptions } from '../../src/watcher/judge';
import type { PassLog } from '../../src/watcher/passLog';
import { Tally } from '../../src/watcher/tally';
import { releasedKpis } from '../support/releasedKpis';

const eventId = 'failed-attempts@1:attempt:order-a:run:1:1';
const at = Date.parse('2026-03-01T10:00:00Z');

const noted = (detail: string): Finding => ({
  ...{ eventId, verdict: 'repaired', kpi: 'failed-attempts', occurrence: 'attempt-failed' },
  ...{ at, detail },
});

/** What is told of a repair that a step noted before it broke off, where the ledger has this by now. */
async function toldOf(repair: Finding, counted: Partial<CountedEvent> | { refused: string }) {
  const find = async () => new Map([[eventId, counted]]);
  const log = { noted: async () => [repair] } as Partial<PassLog> as PassLog;
  const tally = new Tally();
  const options = { catalogue: releasedKpis(), ledger: { find } } as never as JudgeOptions;
  await new Judge(options, log, tally).tellRest();
  return tally.findings;
}

const missing = 'it was not in the ledger';
const betterKnown = 'its failure was unknown in the ledger; Temporal knows ShelfLocked';

it.each([
  [missing, { at, provisional: false }, true],
  [missing, { at, provisional: true }, true],
  [missing, { refused: 'KpiEventTooLate' }, false],
  [betterKnown, { at, provisional: false }, true],
  [betterKnown, { at, provisional: true }, false],
])(
  'of a repair that was noted because %s, while the ledger has %j, it is %s that it is told',
  async (detail, counted, isTold) => {
    const repair = noted(detail);
    expect(await toldOf(repair, counted)).toEqual(isTold ? [repair] : []);
  },
);
