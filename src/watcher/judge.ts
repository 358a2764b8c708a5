/** Holds occurrences against the ledger, publishes what it lacks, and keeps count of both. */
import type { Publisher } from '../kafka/publisher';
import type { OutgoingRecord } from '../kafka/record';
import type { Catalogue } from '../kpi/catalogue';
import type { Occurrence } from '../kpi/occurrence';
import { kpiRecords } from '../kpiRecords';
import type { Finding } from '../postgres/findings';
import type { CountedEvent, LedgerLookup } from '../postgres/ledgerLookup';
import { asReconciled } from './asReconciled';
import { compare, type Verdict } from './compare';
import { type ExpectedEvent, expectedEvents } from './expectedEvent';
import { ledgerHorizon } from './horizon';
import type { PassLog, Remembered } from './passLog';
import type { Compared, Tally } from './tally';

export interface JudgeOptions {
  readonly catalogue: Catalogue;
  readonly ledger: LedgerLookup;
  readonly publisher: Pick<Publisher, 'publish'>;
  /** Version of this deployment, on every event that is published. */
  readonly deployment: string;
  /** How long the ledger takes events, in milliseconds. */
  readonly keepMs: number;
}

interface Repair {
  readonly occurrence: Occurrence;
  readonly finding: Finding;
}

export class Judge {
  constructor(
    private readonly options: JudgeOptions,
    private readonly log: PassLog,
    private readonly tally: Tally,
  ) {}

  /**
   * Events that are known only in part, in groups that belong together.
   * @returns for each group whether the ledger has it all, which is then counted
   */
  async hasAll(groups: readonly (readonly ExpectedEvent[])[]): Promise<boolean[]> {
    const found = await this.options.ledger.find(groups.flat().map(({ id }) => id));
    const isWhole = groups.map(events =>
      events.every(event => compare(event, found.get(event.id)).kind === 'matched'),
    );
    const matched = groups
      .filter((_, i) => isWhole[i])
      .flat()
      .map(event => ({ ...event, at: (found.get(event.id) as CountedEvent).at }));
    const remembered = await this.remembered(matched);
    for (const event of matched) this.match(event, remembered);
    return isWhole;
  }

  /**
   * Occurrences that are known as they happened. What is missing is published before this resolves, under
   * the id that it always had; what contradicts is left alone, and so is what the ledger no longer takes.
   * @param counts whether a match at this time is counted; one that is seen in every pass is, once. What
   * the ledger refused is repaired only then as well: should it refuse that too, every pass would tell it.
   */
  async judge(
    occurrences: readonly Occurrence[],
    counts: (at: number) => boolean = () => true,
  ): Promise<void> {
    const { catalogue, ledger, keepMs } = this.options;
    const horizon = ledgerHorizon(keepMs);
    const expected = occurrences
      .filter(({ at }) => at >= horizon)
      .flatMap(occurrence =>
        expectedEvents(catalogue, occurrence).map(event => ({ event, occurrence })),
      );
    const found = await ledger.find(expected.map(({ event }) => event.id));
    const matched: Compared[] = [];
    const repairs: Repair[] = [];
    for (const { event, occurrence } of expected) {
      const counted = found.get(event.id);
      const at = counted !== undefined && 'at' in counted ? counted.at : occurrence.at;
      const compared = { ...event, at };
      const verdict = compare(event, counted);
      if (verdict.kind === 'matched') matched.push(compared);
      else if (verdict.kind === 'unexplained') this.tally.unexplained(compared, verdict.detail);
      else if (!wasRefused(verdict) || counts(at)) {
        repairs.push({ occurrence, finding: repairOf(event, occurrence, verdict) });
      }
    }
    const remembered = await this.remembered(matched);
    for (const event of matched) this.match(event, remembered, counts(event.at));
    await this.repair(repairs);
  }

  /**
   * Tells the repairs of a step that broke off which this one has not come by again: what it looked at
   * among the runs that go on may be another's turn now. What the ledger does not have is told by whoever
   * misses it.
   */
  async tellRest(): Promise<void> {
    const noted = await this.log.noted();
    const found = await this.options.ledger.find(noted.map(({ eventId }) => eventId));
    for (const repair of noted) {
      const counted = found.get(repair.eventId);
      if (counted === undefined || 'refused' in counted) continue;
      if (counted.provisional && !repair.detail.startsWith(wasMissing)) continue;
      this.tally.repaired(comparedIn(repair), repair.detail);
    }
  }

  private remembered(events: readonly Compared[]): Promise<Remembered> {
    return this.log.of(events.map(({ id }) => id));
  }

  private match(event: Compared, { repairs, doubts }: Remembered, isCounted = true): void {
    const repair = repairs.get(event.id);
    if (repair !== undefined) this.tally.repaired(event, repair.detail);
    else if (isCounted) this.tally.matched(event);
    if (doubts.has(event.id)) this.tally.explained.push(event.id);
  }

  private async repair(repairs: readonly Repair[]): Promise<void> {
    if (repairs.length === 0) return;
    await this.log.note(repairs.map(({ finding }) => finding));
    for (const { finding } of repairs) this.tally.repaired(comparedIn(finding), finding.detail);
    const ids = new Map<Occurrence, Set<string>>();
    for (const { occurrence, finding } of repairs) {
      ids.set(occurrence, (ids.get(occurrence) ?? new Set()).add(finding.eventId));
    }
    const records = [...ids].flatMap(([occurrence, theirs]) => this.recordsOf(occurrence, theirs));
    await Promise.all(records.map(record => this.options.publisher.publish(record)));
  }

  private recordsOf(occurrence: Occurrence, ids: ReadonlySet<string>): OutgoingRecord[] {
    const { catalogue, deployment } = this.options;
    return kpiRecords(catalogue, occurrence, deployment)
      .filter(({ headers }) => ids.has(String(headers?.ce_id)))
      .map(asReconciled);
  }
}

const comparedIn = ({ eventId: id, kpi, occurrence, at }: Finding): Compared => ({
  ...{ id, kpi, occurrence, at },
});

type Repairable = Extract<Verdict, { kind: 'missing' | 'known-better' }>;

const wasRefused = (verdict: Repairable): verdict is Repairable & { readonly refused: string } =>
  verdict.kind === 'missing' && verdict.refused !== undefined;

function repairOf(
  { id: eventId, kpi }: ExpectedEvent,
  occurrence: Occurrence,
  verdict: Repairable,
): Finding {
  const { occurrence: kindOf, at } = occurrence;
  const detail = detailOf(verdict, occurrence);
  return { eventId, verdict: 'repaired', kpi, occurrence: kindOf, at, detail };
}

const wasMissing = 'it was not in the ledger';

function detailOf(verdict: Repairable, occurrence: Occurrence): string {
  if (wasRefused(verdict)) return `${wasMissing}, which had refused it: ${verdict.refused}`;
  if (verdict.kind === 'missing') return wasMissing;
  const failure = 'failure' in occurrence ? occurrence.failure : '';
  return `its failure was unknown in the ledger; Temporal knows ${failure}`;
}
