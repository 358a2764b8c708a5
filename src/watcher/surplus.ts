/** What the ledger has too much of: every event of it must be explained by a record, or is named. */
import type { Pool } from 'pg';
import type { Catalogue } from '../kpi/catalogue';
import { derive, deriveEveryVersion } from '../kpi/derive';
import {
  eventsOutside,
  eventsWithin,
  type LedgerEvent,
  type Life,
} from '../postgres/ledgerSurplus';
import type { Depth } from '../postgres/parity';
import type { Account, Run } from './account';
import type { Accounts } from './accounts';
import { type ClosedRun, clipped, lifeOf, type Span } from './closedRuns';
import { partsOf } from './eventId';
import { inLanes } from './lanes';
import type { Tally } from './tally';

export interface SurplusOptions {
  readonly catalogue: Catalogue;
  readonly pool: Pool;
  readonly accounts: Pick<Accounts, 'livesOf' | 'of' | 'ofWorkflow'>;
}

const reasons = {
  workflow: 'Temporal has no such workflow',
  history: "it is not in its workflow's history",
  refusal: 'the register of refusals does not have it',
  id: 'its id is none that its KPI has',
} as const;

/** Histories read at once. */
const lanes = 8;

export class Surplus {
  /** What is named so far, by event id. */
  readonly named = new Map<string, LedgerEvent>();

  /** @param onProgress called with each workflow that is asked for; may throw to stop */
  constructor(
    private readonly options: SurplusOptions,
    private readonly tally: Tally,
    private readonly onProgress: () => void,
  ) {}

  /** Names what happened in the span within these runs and is in none of their accounts, which are by run id. */
  async nameWithin(
    span: Span,
    runs: readonly ClosedRun[],
    accounts: ReadonlyMap<string, Account>,
  ): Promise<void> {
    const lives = runs.filter(({ runId }) => accounts.has(runId)).map(lifeOf);
    const explains = this.explanationOf([...accounts.values()]);
    const events = await eventsWithin(this.options.pool, clipped(lives, span));
    await this.nameUnrecorded(
      events.filter(event => !this.isWellFormed(event) || !explains(event)),
    );
  }

  /**
   * Names what happened in the span, but outside of the lives of the runs that closed in it. What lies
   * within a run that closed later, or goes on, only a deep look holds against its history.
   */
  async nameOutside(span: Span, closed: readonly Life[], depth: Depth): Promise<void> {
    const { catalogue, pool, accounts } = this.options;
    const refusalKpis = catalogue.definitions
      .filter(({ observes }) => observes.some(({ occurrence }) => occurrence === 'order-refused'))
      .map(({ name }) => name);
    const events = this.byWorkflow(await eventsOutside(pool, span, closed, refusalKpis));
    const lives = await accounts.livesOf([...events.keys()], this.onProgress);
    const outside: LedgerEvent[] = [];
    const within = new Map<Run, LedgerEvent[]>();
    for (const [workflowId, theirs] of events) {
      const runs = lives.get(workflowId);
      for (const event of theirs) {
        const run = runs?.find(life => isIn(life, event.at));
        if (runs === undefined) this.name(event, reasons.workflow);
        else if (run === undefined) outside.push(event);
        else within.set(run, [...(within.get(run) ?? []), event]);
      }
    }
    if (depth === 'deep') outside.push(...(await this.unrecordedIn(within)));
    await this.nameUnrecorded(outside);
  }

  /** Those of these events, each by the run in whose life it lies, that the run's history does not tell. */
  private async unrecordedIn(
    events: ReadonlyMap<Run, readonly LedgerEvent[]>,
  ): Promise<LedgerEvent[]> {
    const unrecorded: LedgerEvent[] = [];
    await inLanes(lanes, [...events], async ([run, theirs]) => {
      const account = await this.options.accounts.of(run);
      const explains = this.explanationOf(account === undefined ? [] : [account]);
      unrecorded.push(...theirs.filter(event => !explains(event)));
      this.onProgress();
    });
    return unrecorded;
  }

  /** Names those of these events that no history of their workflows tells, whichever run it is of. */
  async nameUnrecorded(events: readonly LedgerEvent[]): Promise<void> {
    for (const [workflowId, theirs] of this.byWorkflow(events)) {
      const explains = this.explanationOf(await this.options.accounts.ofWorkflow(workflowId));
      for (const event of theirs) if (!explains(event)) this.name(event, reasons.history);
      this.onProgress();
    }
  }

  /** Names what can not be told of a workflow, and answers with the rest, by workflow id. */
  private byWorkflow(events: readonly LedgerEvent[]): Map<string, LedgerEvent[]> {
    const found = new Map<string, LedgerEvent[]>();
    for (const event of events) {
      const parts = partsOf(event.id);
      if (parts === undefined || !this.isWellFormed(event)) this.name(event, reasons.id);
      else if (parts.occurrence === 'order-refused') this.name(event, reasons.refusal);
      else if (parts.workflowId !== undefined) {
        found.set(parts.workflowId, [...(found.get(parts.workflowId) ?? []), event]);
      }
    }
    return found;
  }

  /** Whether the id is one of its KPI's, of an occurrence that the KPI observes. */
  private isWellFormed({ id, kpi, version }: LedgerEvent): boolean {
    const parts = partsOf(id);
    const definition = this.options.catalogue.find(kpi, version);
    return (
      parts !== undefined &&
      id.startsWith(`${kpi}@${version}:`) &&
      (definition?.observes.some(({ occurrence }) => occurrence === parts.occurrence) ?? true)
    );
  }

  /** Whether one of these accounts tells of an event, or leaves room for it. */
  private explanationOf(accounts: readonly Account[]): (event: LedgerEvent) => boolean {
    const occurrences = accounts.flatMap(account => account.occurrences);
    const { catalogue } = this.options;
    const idsBy = (by: typeof derive) =>
      new Set(occurrences.flatMap(occurrence => by(catalogue, occurrence, '').map(({ id }) => id)));
    const told = idsBy(derive);
    // A version that was not in force then is back-filled from the record, and by nobody else.
    const backfilled = idsBy(deriveEveryVersion);
    return ({ id, reconciled }) => {
      const { occurrenceId } = partsOf(id) ?? {};
      return (
        told.has(id) ||
        (reconciled && backfilled.has(id)) ||
        (occurrenceId !== undefined && accounts.some(account => account.mayHave(occurrenceId)))
      );
    };
  }

  private name(event: LedgerEvent, reason: string): void {
    if (this.named.has(event.id)) return;
    this.named.set(event.id, event);
    const { id, kpi, version, at } = event;
    const [observed] = this.options.catalogue.find(kpi, version)?.observes ?? [];
    const occurrence = partsOf(id)?.occurrence ?? observed?.occurrence ?? 'measured';
    this.tally.unexplained({ id, kpi, occurrence, at }, reason);
  }
}

const isIn = ({ from, to }: Life, at: number): boolean => at >= from && at < to;
