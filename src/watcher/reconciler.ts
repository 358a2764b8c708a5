/**
 * Reconciliation: what Temporal recorded, held against what the ledger counted, event id by event id.
 *
 * - shallow: a closed run's row in Temporal's visibility proves some events; only where one of them is
 *   missing, or the row proves nothing (terminated, timed out, failed), is the history read.
 * - deep: every history is read, and every event of the ledger must be explained by one.
 *
 * What is missing is published again under its own id. What the ledger has and Temporal never did, or did
 * otherwise, is reported and never touched: no figure is bent to fit.
 */
import type { Client } from '@temporalio/client';
import type { Pool } from 'pg';
import { occurrenceId } from '../kpi/occurrence';
import { type Depth, type Outcome, refusalsNotedIn } from '../postgres/reconciliation';
import type { Account } from './account';
import type { Accounts } from './accounts';
import { type ClosedRun, closedRuns, type Proof, provedBy, type Span } from './closedRuns';
import { comparedOf, partsOf } from './eventId';
import { Judge, type JudgeOptions } from './judge';
import { inLanes } from './lanes';
import { Revenue } from './revenue';
import { Tally } from './tally';

export interface ReconcilerOptions extends JudgeOptions {
  readonly client: Client;
  /** Of the workers whose runs are captured. */
  readonly taskQueue: string;
  readonly accounts: Accounts;
  readonly pool: Pool;
}

/** What came of a span, and how much was looked at. */
export interface SpanReport extends Outcome {
  readonly runs: number;
  /** How many histories had to be read. */
  readonly histories: number;
}

export interface SpanOptions {
  readonly depth: Depth;
  /** Whether runs that go on are looked at as well: for the span that ends now. */
  readonly open: boolean;
  /** Called again and again while there is progress; may throw to stop. */
  readonly onProgress: () => void;
}

/** Histories in memory at once. */
const chunkSize = 50;
const lanes = 8;

/** How far the time of an event may lie before or after the run that it is of, as clocks differ. */
const marginMs = 60_000;

/** Compares what closed in the span, and the refusals noted in it. */
export async function reconcileSpan(
  options: ReconcilerOptions,
  span: Span,
  { depth, open, onProgress }: SpanOptions,
): Promise<SpanReport> {
  const pass = new SpanPass(options, span);
  const workflowIds = new Set<string>();
  for await (const page of closedRuns(options.client, options.taskQueue, span)) {
    onProgress();
    for (const { workflowId } of page) workflowIds.add(workflowId);
    await pass.compareRuns(page, depth, onProgress);
  }
  if (open) await pass.compareOpenRuns(onProgress);
  await pass.compareRefusals();
  await pass.findStrangers([...workflowIds]);
  return pass.report;
}

class SpanPass {
  private readonly tally = new Tally();
  private readonly judge: Judge;
  private readonly revenue: Revenue;
  private runs = 0;
  private histories = 0;

  constructor(
    private readonly options: ReconcilerOptions,
    private readonly span: Span,
  ) {
    this.judge = new Judge(options);
    this.revenue = new Revenue(options);
  }

  get report(): SpanReport {
    const { parity, findings } = this.tally;
    const { runs, histories } = this;
    return { parity, findings, revenue: this.revenue.rows, runs, histories };
  }

  async compareRuns(page: readonly ClosedRun[], depth: Depth, onProgress: () => void) {
    this.runs += page.length;
    const proofs = page.map(run => provedBy(this.options.catalogue, run));
    const suspects = depth === 'deep' ? page : await this.suspectsIn(page, proofs);
    for (let first = 0; first < suspects.length; first += chunkSize) {
      await this.compareHistories(suspects.slice(first, first + chunkSize));
      onProgress();
    }
    await this.revenue.add(page, proofs, this.tally);
  }

  /** Attempts that failed are told by no history while their activity is tried again. */
  async compareOpenRuns(onProgress: () => void): Promise<void> {
    const { from, to } = this.span;
    for await (const { occurrences } of this.options.accounts.ofRetrying(this.span)) {
      this.histories++;
      const past = occurrences.filter(({ at }) => at < to);
      await this.judge.judge(past, this.tally, at => at >= from && at < to);
      onProgress();
    }
  }

  async compareRefusals(): Promise<void> {
    const refusals = await refusalsNotedIn(this.options.pool, this.span);
    await this.judge.judge(
      refusals.map(({ originDigest, ...refusal }) => ({
        ...refusal,
        occurrence: 'order-refused',
        id: occurrenceId.refused(originDigest),
        versionAt: refusal.at,
      })),
      this.tally,
    );
    const { from, to } = this.span;
    for (const { id, at } of await this.options.ledger.refusalsUnregistered(from, to)) {
      this.unexplained(id, at, 'the register of refusals does not have it');
    }
  }

  /** Events of workflows that did not close in the span: most are open, and some may never have been. */
  async findStrangers(workflowIds: readonly string[]): Promise<void> {
    const { from, to } = this.span;
    const strangers = await this.options.ledger.eventsOfOthers(workflowIds, from, to);
    const names = [...new Set(strangers.map(({ workflowId }) => workflowId))];
    const unknown = new Set(await this.options.accounts.unknownAmong(names));
    for (const { id, at, workflowId } of strangers) {
      if (unknown.has(workflowId)) this.unexplained(id, at, 'Temporal has no such workflow');
    }
  }

  private async suspectsIn(
    page: readonly ClosedRun[],
    proofs: readonly Proof[],
  ): Promise<ClosedRun[]> {
    const isWhole = await this.judge.hasAll(
      proofs.map(proof => proof ?? []),
      this.tally,
    );
    return page.filter((_, i) => proofs[i] === undefined || !isWhole[i]);
  }

  private async compareHistories(runs: readonly ClosedRun[]): Promise<void> {
    const accounts = new Map<string, Account>();
    await inLanes(lanes, runs, async run => {
      const account = await this.options.accounts.of(run);
      if (account !== undefined) accounts.set(run.runId, account);
    });
    this.histories += accounts.size;
    const occurrences = [...accounts.values()].flatMap(account => account.occurrences);
    await this.judge.judge(occurrences, this.tally);
    await this.findContradictions(runs, accounts);
  }

  /** Events of the ledger that the histories of their own runs leave no room for. */
  private async findContradictions(
    runs: readonly ClosedRun[],
    accounts: ReadonlyMap<string, Account>,
  ): Promise<void> {
    const events = await this.options.ledger.eventsOf(
      runs.map(({ workflowId }) => workflowId),
      Math.min(...runs.map(({ startedAt }) => startedAt)) - marginMs,
      Math.max(...runs.map(({ closedAt }) => closedAt)) + marginMs,
    );
    const all = [...accounts.values()];
    const told = new Set(all.flatMap(({ occurrences }) => occurrences.map(({ id }) => id)));
    for (const { id, at } of events) {
      const parts = partsOf(id);
      if (parts === undefined || told.has(parts.occurrenceId)) continue;
      const isPossible =
        parts.runId === undefined
          ? await this.isExplained(parts.occurrenceId, all)
          : (accounts.get(parts.runId)?.mayHave(parts.occurrenceId) ?? true);
      if (!isPossible) this.unexplained(id, at, "it is not in its workflow's history");
    }
  }

  /** A milestone belongs to the workflow, and may be of another of its runs. */
  private async isExplained(id: string, accounts: readonly Account[]): Promise<boolean> {
    if (accounts.some(account => account.mayHave(id))) return true;
    const others = await this.options.accounts.ofWorkflow(id.split(':')[1]!);
    return others.some(
      ({ occurrences, mayHave }) =>
        mayHave(id) || occurrences.some(occurrence => occurrence.id === id),
    );
  }

  private unexplained(id: string, at: number, detail: string): void {
    const parts = partsOf(id);
    if (parts !== undefined) this.tally.unexplained(comparedOf(id, at, parts), detail);
  }
}
