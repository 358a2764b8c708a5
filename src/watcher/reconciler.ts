/**
 * Reconciliation: what Temporal recorded, held against what the ledger counted, event id by event id.
 *
 * - shallow: a closed run's row in Temporal's visibility proves some events; only where one of them is
 *   missing, or the row proves nothing (terminated, timed out, failed, open while a new version of a KPI
 *   took effect), is the history read.
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
import { type Confirmation, confirmationIn } from './confirmedOrder';
import { Judge, type JudgeOptions } from './judge';
import { inLanes } from './lanes';
import type { PacedClient } from './listed';
import type { PassLog } from './passLog';
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
  readonly log: PassLog;
}

/** Histories in memory at once. */
const chunkSize = 50;
const lanes = 8;

/** Compares what closed in the span, and the refusals noted in it. */
export async function reconcileSpan(
  options: ReconcilerOptions,
  span: Span,
  how: SpanOptions,
): Promise<SpanReport> {
  const pass = new SpanPass(options, span, how);
  const lives: Life[] = [];
  for await (const page of closedRuns(options, span)) {
    how.onProgress();
    for (const run of page) lives.push(lifeOf(run));
    await pass.compareRuns(page);
  }
  if (how.open) await pass.compareOpenRuns();
  await pass.compareRefusals();
  await pass.tellBrokenOff();
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
    private readonly how: SpanOptions,
  ) {
    this.judge = new Judge(options, how.log, this.tally);
    this.surplus = new Surplus(options, this.tally, how.onProgress);
    this.revenue = new Revenue(options, this.tally);
  }

  get report(): SpanReport {
    const { parity, findings, explained } = this.tally;
    const { runs, histories } = this;
    return { parity, findings, explained, revenue: this.revenue.rows, runs, histories };
  }

  async compareRuns(page: readonly ClosedRun[]) {
    this.runs += page.length;
    const proofs = page.map(run => provedBy(this.options.catalogue, run));
    const suspects = this.how.depth === 'deep' ? page : await this.suspectsIn(page, proofs);
    const confirmations = new Map<string, Confirmation>();
    for (let first = 0; first < suspects.length; first += chunkSize) {
      await this.compareHistories(suspects.slice(first, first + chunkSize), confirmations);
      this.how.onProgress();
    }
    this.revenue.note(page, proofs, confirmations);
  }

  /** Attempts that failed are told by no history while their activity is tried again. */
  async compareOpenRuns(): Promise<void> {
    const { from, to } = this.span;
    for await (const { occurrences } of this.options.accounts.ofRetrying(this.span)) {
      this.histories++;
      const past = occurrences.filter(({ at }) => at < to);
      await this.judge.judge(past, at => at >= from && at < to);
      this.how.onProgress();
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
    );
  }

  /** What a step that broke off has repaired, once all else is compared. */
  async tellBrokenOff(): Promise<void> {
    await this.judge.tellRest();
  }

  /** What happened in the span, and is of none of the runs that closed in it. */
  async findSurplus(closed: readonly Life[]): Promise<void> {
    await this.surplus.nameOutside(this.span, closed, this.how.depth);
  }

  /** What these runs and all that stood out are worth, once everything else is compared. */
  async addRevenue(closed: readonly Life[]): Promise<void> {
    await this.revenue.add(this.span, closed, this.surplus);
  }

  private async suspectsIn(
    page: readonly ClosedRun[],
    proofs: readonly Proof[],
  ): Promise<ClosedRun[]> {
    const isWhole = await this.judge.hasAll(proofs.map(proof => proof ?? []));
    return page.filter((_, i) => proofs[i] === undefined || !isWhole[i]);
  }

  /** @param confirmations to which those are added that these histories tell, by run id */
  private async compareHistories(
    runs: readonly ClosedRun[],
    confirmations: Map<string, Confirmation>,
  ): Promise<void> {
    const { catalogue } = this.options;
    const accounts = new Map<string, Account>();
    await inLanes(lanes, runs, async run => {
      const account = await this.options.accounts.of(run);
      if (account === undefined) return;
      accounts.set(run.runId, account);
      const confirmation = confirmationIn(catalogue, account);
      if (confirmation !== undefined) confirmations.set(run.runId, confirmation);
    });
    this.histories += accounts.size;
    await this.judge.judge([...accounts.values()].flatMap(account => account.occurrences));
    await this.surplus.nameWithin(this.span, runs, accounts);
  }
}
