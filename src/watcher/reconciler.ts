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
import type { Pool } from 'pg';
import { occurrenceId } from '../kpi/occurrence';
import type { Life } from '../postgres/ledgerSurplus';
import type { Depth } from '../postgres/parity';
import { type Outcome, refusalsNotedIn } from '../postgres/reconciliation';
import type { Account } from './account';
import type { Accounts } from './accounts';
import { type ClosedRun, closedRuns, lifeOf, type Proof, provedBy, type Span } from './closedRuns';
import { Judge, type JudgeOptions } from './judge';
import { inLanes } from './lanes';
import type { PacedClient } from './listed';
import { Revenue } from './revenue';
import { Surplus } from './surplus';
import { Tally } from './tally';

export interface ReconcilerOptions extends JudgeOptions, PacedClient {
  /** Of the workers whose runs are captured. */
  readonly taskQueue: string;
  readonly accounts: Accounts;
  readonly pool: Pool;
  /** Resolves once the ledger has counted all that is published by now. @throws OrderlyError LedgerBehind */
  readonly untilCounted: () => Promise<void>;
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

/** Compares what closed in the span, and the refusals noted in it. */
export async function reconcileSpan(
  options: ReconcilerOptions,
  span: Span,
  { depth, open, onProgress }: SpanOptions,
): Promise<SpanReport> {
  const pass = new SpanPass(options, span);
  const lives: Life[] = [];
  for await (const page of closedRuns(options, span)) {
    onProgress();
    for (const run of page) lives.push(lifeOf(run));
    await pass.compareRuns(page, depth, onProgress);
  }
  if (open) await pass.compareOpenRuns(onProgress);
  await pass.compareRefusals();
  await pass.findSurplus(lives);
  await pass.addRevenue(lives);
  return pass.report;
}

class SpanPass {
  private readonly tally = new Tally();
  private readonly judge: Judge;
  private readonly surplus: Surplus;
  private readonly revenue: Revenue;
  private runs = 0;
  private histories = 0;

  constructor(
    private readonly options: ReconcilerOptions,
    private readonly span: Span,
  ) {
    this.judge = new Judge(options);
    this.surplus = new Surplus(options, this.tally);
    this.revenue = new Revenue(options, this.tally);
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
    this.revenue.note(page, proofs);
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
  }

  /** What happened in the span, and is of none of the runs that closed in it. */
  async findSurplus(closed: readonly Life[]): Promise<void> {
    await this.surplus.nameOutside(this.span, closed);
  }

  /** What these runs and all that stood out are worth, once everything else is compared. */
  async addRevenue(closed: readonly Life[]): Promise<void> {
    await this.revenue.add(this.span, closed, this.surplus);
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
    await this.surplus.nameWithin(runs, accounts);
  }
}
