import type { Finding } from '../../src/postgres/findings';
import type { CountedEvent } from '../../src/postgres/ledgerLookup';
import { Judge, type JudgeOptions } from '../../src/watcher/judge';
import type { PassLog } from '../../src/watcher/passLog';
import { Tally } from '../../src/watcher/tally';
import { attemptFailed } from '../kpi/samples';
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
const hadRefused = `${missing}, which had refused it: KpiVersionUnknown`;
const betterKnown = 'its failure was unknown in the ledger; Temporal knows ShelfLocked';

it.each([
  [missing, { at, provisional: false }, true],
  [missing, { at, provisional: true }, true],
  [missing, { refused: 'KpiEventTooLate' }, false],
  [hadRefused, { at, provisional: true }, true],
  [hadRefused, { refused: 'KpiVersionUnknown' }, false],
  [betterKnown, { at, provisional: false }, true],
  [betterKnown, { at, provisional: true }, false],
])(
  'of a repair that was noted because %s, while the ledger has %j, it is %s that it is told',
  async (detail, counted, isTold) => {
    const repair = noted(detail);
    expect(await toldOf(repair, counted)).toEqual(isTold ? [repair] : []);
  },
);

describe('an event that the ledger refused', () => {
  const occurrence = { ...attemptFailed, at: Date.now() };
  const id = `failed-attempts@1:${occurrence.id}`;

  /** What is told and published of it where the ledger gave this reason. */
  async function judged(refused: string, counts?: (at: number) => boolean) {
    const find = async (ids: readonly string[]) => new Map(ids.map(each => [each, { refused }]));
    const log: PassLog = {
      note: async () => undefined,
      of: async () => ({ repairs: new Map(), doubts: new Set() }),
      noted: async () => [],
    };
    const tally = new Tally();
    const published: unknown[] = [];
    const publisher: JudgeOptions['publisher'] = {
      async publish({ headers }) {
        published.push(headers?.ce_id);
        return { partition: 0, offset: '0' };
      },
    };
    const options = {
      ...{ ledger: { find } as never, publisher, deployment: '1.2.3' },
      ...{ catalogue: releasedKpis('failed-attempts@1'), keepMs: 35 * 86_400_000 },
    };
    await new Judge(options, log, tally).judge([occurrence], counts);
    const told = tally.findings.map(({ verdict, eventId, detail }) => [verdict, eventId, detail]);
    return { told, published };
  }

  it('for want of its definition is published again, and told as a repair with the reason', async () => {
    expect(await judged('KpiVersionUnknown')).toEqual({
      told: [['repaired', id, hadRefused]],
      published: [id],
    });
  });

  it('for want of its definition is left alone in the passes that only come by it again', async () => {
    expect(await judged('KpiVersionUnknown', () => false)).toEqual({ told: [], published: [] });
  });

  it('for what is wrong with it is unexplained, and stays as it is', async () => {
    expect(await judged('MessageInvalid')).toEqual({
      told: [['unexplained', id, 'the ledger refused it: MessageInvalid']],
      published: [],
    });
  });
});
