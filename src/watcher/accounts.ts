/** Reads accounts of runs from Temporal, no faster than it was allowed. */
import { type WorkflowExecutionInfo, WorkflowNotFoundError } from '@temporalio/client';
import { orderSearchAttributes } from '../domain/searchAttributes';
import type { Life } from '../postgres/ledgerSurplus';
import { type Account, accountOf, type Run } from './account';
import type { PendingActivity } from './activities';
import type { Span } from './closedRuns';
import { listed, listedOf, type PacedClient } from './listed';
import { millisecondsOf } from './protoTime';

export interface AccountsOptions extends PacedClient {
  readonly namespace: string;
  readonly taskQueue: string;
}

/** Open runs looked at in one pass: there may be any number of them, and each costs a request. */
const openRunsAtOnce = 200;

/** The life of a run that is known by its id. */
export type RunLife = Run & Life;

const lifeFrom = ({ workflowId, runId }: Run, from: number, closedAt = Infinity): RunLife => ({
  workflowId,
  runId,
  from,
  to: closedAt + 1,
});

export class Accounts {
  /** The open runs that began before then are still to be looked at; each pass goes on with the next ones. */
  private openBefore = Infinity;

  constructor(private readonly options: AccountsOptions) {}

  /** Undefined where Temporal has forgotten the run. */
  async of({ workflowId, runId }: Run): Promise<Account | undefined> {
    return this.unlessForgotten(async () => {
      const { client, pace } = this.options;
      await pace();
      const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
      return accountOf({ workflowId, runId }, history);
    });
  }

  /** The accounts of all runs that Temporal remembers of a workflow. */
  async ofWorkflow(workflowId: string): Promise<Account[]> {
    const accounts: Account[] = [];
    const query = `WorkflowId = '${workflowId}'`;
    for await (const { runId } of listed(this.options, query)) {
      const account = await this.of({ workflowId, runId });
      if (account !== undefined) accounts.push(account);
    }
    return accounts;
  }

  /**
   * The accounts of runs that began before the end of the span and go on, of those that try an activity
   * again: no history tells of that yet. An attempt that ended after the span is left for the next one.
   * Each call looks at the next 200 open runs, the newest first, and begins anew after the oldest.
   */
  async *ofRetrying({ to }: Span): AsyncGenerator<Account> {
    const before = Math.min(to, this.openBefore);
    const began = `StartTime < '${new Date(before).toISOString()}'`;
    const query = `TaskQueue = '${this.options.taskQueue}' AND ExecutionStatus = 'Running' AND ${began}`;
    let seen = 0;
    for await (const { workflowId, runId, startTime } of listed(
      this.options,
      query,
      openRunsAtOnce,
    )) {
      const account = await this.ofOpen({ workflowId, runId }, to);
      if (account !== undefined) yield account;
      // Others may have begun in the same millisecond.
      this.openBefore = Math.min(startTime.getTime() + 1, before - 1);
      if (++seen === openRunsAtOnce) return;
    }
    this.openBefore = Infinity;
  }

  /**
   * When the runs of these workflows went on, by workflow id; nothing of those that Temporal knows nothing
   * of. A run that goes on has no end.
   * @param onProgress called with each row found, and each workflow that has none
   */
  async livesOf(
    workflowIds: readonly string[],
    onProgress: () => void,
  ): Promise<Map<string, RunLife[]>> {
    const lives = new Map<string, RunLife[]>();
    const add = (life: RunLife) =>
      lives.set(life.workflowId, [...(lives.get(life.workflowId) ?? []), life]);
    for await (const row of listedOf(this.options, workflowIds)) {
      add(lifeFrom(row, row.startTime.getTime(), row.closeTime?.getTime()));
      onProgress();
    }
    // Visibility may lag behind, and one that is asked for by its id does not.
    for (const workflowId of workflowIds.filter(id => !lives.has(id))) {
      onProgress();
      const info = (await this.describe({ workflowId, runId: '' }))?.workflowExecutionInfo;
      if (!info) continue;
      const closedAt = info.closeTime ? millisecondsOf(info.closeTime) : undefined;
      const runId = info.execution?.runId ?? '';
      add(lifeFrom({ workflowId, runId }, millisecondsOf(info.startTime), closedAt));
    }
    return lives;
  }

  /**
   * The last run of each of these workflows that was published as a confirmed order: its id by workflow id. A
   * run that a reset made is one as well.
   */
  async lastConfirmed(workflowIds: readonly string[]): Promise<Map<string, string>> {
    const last = new Map<string, WorkflowExecutionInfo>();
    const confirmed = ` AND ${orderSearchAttributes.total.name} >= 0`;
    for await (const row of listedOf(this.options, workflowIds, confirmed)) {
      const known = last.get(row.workflowId);
      if (known === undefined || known.startTime < row.startTime) last.set(row.workflowId, row);
    }
    return new Map([...last].map(([workflowId, { runId }]) => [workflowId, runId]));
  }

  private async ofOpen(run: Run, to: number): Promise<Account | undefined> {
    const description = await this.describe(run);
    const pending = description?.pendingActivities ?? [];
    if (!pending.some(({ attempt }) => (attempt ?? 1) > 1)) return undefined;
    const { client, pace } = this.options;
    return this.unlessForgotten(async () => {
      await pace();
      const history = await client.workflow.getHandle(run.workflowId, run.runId).fetchHistory();
      return accountOf(
        run,
        history,
        pending.map(activity => asOf(activity, to)),
      );
    });
  }

  private async describe({ workflowId, runId }: Run) {
    return this.unlessForgotten(async () => {
      const { client, namespace, pace } = this.options;
      await pace();
      return client.workflowService.describeWorkflowExecution({
        namespace,
        execution: { workflowId, runId },
      });
    });
  }

  private async unlessForgotten<T>(ask: () => Promise<T>): Promise<T | undefined> {
    try {
      return await ask();
    } catch (thrown) {
      if (isNotFound(thrown)) return undefined;
      throw thrown;
    }
  }
}

/**
 * https://grpc.github.io/grpc/core/md_doc_statuscodes.html: INVALID_ARGUMENT, for an id that no workflow
 * may have, and NOT_FOUND.
 */
const noSuchWorkflow: readonly unknown[] = [3, 5];

const isNotFound = (thrown: unknown): boolean =>
  thrown instanceof WorkflowNotFoundError ||
  (thrown instanceof Error && 'code' in thrown && noSuchWorkflow.includes(thrown.code));

/** The activity as it stood at a time, without the attempt that ended later. */
function asOf(activity: PendingActivity, at: number): PendingActivity {
  const { lastAttemptCompleteTime: ended, attempt } = activity;
  if (!ended || millisecondsOf(ended) < at || !attempt || attempt < 2) return activity;
  return { ...activity, attempt: attempt - 1, lastFailure: null };
}
