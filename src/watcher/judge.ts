/** Holds occurrences against the ledger, publishes what it lacks, and keeps count of both. */
import type { Publisher } from '../kafka/publisher';
import type { OutgoingRecord } from '../kafka/record';
import type { Catalogue } from '../kpi/catalogue';
import type { Occurrence } from '../kpi/occurrence';
import { kpiRecords } from '../kpiRecords';
import type { CountedEvent, LedgerLookup } from '../postgres/ledgerLookup';
import { asReconciled } from './asReconciled';
import { compare } from './compare';
import { type ExpectedEvent, expectedEvents } from './expectedEvent';
import type { Tally } from './tally';

export interface JudgeOptions {
  readonly catalogue: Catalogue;
  readonly ledger: LedgerLookup;
  readonly publisher: Pick<Publisher, 'publish'>;
  /** Version of this deployment, on every event that is published. */
  readonly deployment: string;
}

export class Judge {
  constructor(private readonly options: JudgeOptions) {}

  /**
   * Events that are known only in part, in groups that belong together.
   * @returns for each group whether the ledger has it all, which is then counted
   */
  async hasAll(groups: readonly (readonly ExpectedEvent[])[], tally: Tally): Promise<boolean[]> {
    const found = await this.options.ledger.find(groups.flat().map(({ id }) => id));
    return groups.map(events => {
      const isWhole = events.every(event => compare(event, found.get(event.id)).kind === 'matched');
      if (isWhole) {
        for (const event of events) {
          tally.matched({ ...event, at: (found.get(event.id) as CountedEvent).at });
        }
      }
      return isWhole;
    });
  }

  /**
   * Occurrences that are known as they happened. What is missing is published before this resolves, under
   * the id that it always had; what contradicts is left alone.
   * @param counts whether a match at this time is counted; one that is seen in every pass is, once
   */
  async judge(
    occurrences: readonly Occurrence[],
    tally: Tally,
    counts: (at: number) => boolean = () => true,
  ): Promise<void> {
    const { catalogue, ledger } = this.options;
    const expected = occurrences.flatMap(occurrence =>
      expectedEvents(catalogue, occurrence).map(event => ({ event, occurrence })),
    );
    const found = await ledger.find(expected.map(({ event }) => event.id));
    const repairs = new Map<Occurrence, Set<string>>();
    for (const { event, occurrence } of expected) {
      const counted = found.get(event.id);
      const at = counted !== undefined && 'at' in counted ? counted.at : occurrence.at;
      const compared = { ...event, at };
      const verdict = compare(event, counted);
      switch (verdict.kind) {
        case 'matched':
          if (counts(at)) tally.matched(compared);
          break;
        case 'unexplained':
          tally.unexplained(compared, verdict.detail);
          break;
        default:
          repairs.set(occurrence, (repairs.get(occurrence) ?? new Set()).add(event.id));
          tally.repaired({ ...event, at: occurrence.at }, detailOf(verdict.kind, occurrence));
      }
    }
    const records = [...repairs].flatMap(([occurrence, ids]) => this.recordsOf(occurrence, ids));
    await Promise.all(records.map(record => this.options.publisher.publish(record)));
  }

  private recordsOf(occurrence: Occurrence, ids: ReadonlySet<string>): OutgoingRecord[] {
    const { catalogue, deployment } = this.options;
    return kpiRecords(catalogue, occurrence, deployment)
      .filter(({ headers }) => ids.has(String(headers?.ce_id)))
      .map(asReconciled);
  }
}

function detailOf(kind: 'missing' | 'known-better', occurrence: Occurrence): string {
  if (kind === 'missing') return 'it was not in the ledger';
  const failure = 'failure' in occurrence ? occurrence.failure : '';
  return `its failure was unknown in the ledger; Temporal knows ${failure}`;
}
