/**
 * Passes over time. The standing one goes on from its checkpoint, each span once, so its figures add up;
 * one out of turn compares any span again and leaves the standing figures alone.
 */
import type { Kafka } from 'kafkajs';
import type { ReconciliationStep } from '../activities/reconciliation';
import type { Config } from '../config';
import { kpiTopic } from '../messages/kpiEvent';
import { type Finding, saveFindings, takeBackDoubts } from '../postgres/findings';
import { LedgerLookup } from '../postgres/ledgerLookup';
import type { Depth } from '../postgres/parity';
import { saveStep } from '../postgres/reconciliation';
import { Accounts } from './accounts';
import type { Span } from './closedRuns';
import { ledgerHorizon } from './horizon';
import { untilCounted } from './ledgerProgress';
import { createPacer } from './pacer';
import { logOutOfTurn, standingLog } from './passLog';
import { type ReconcilerOptions, reconcileSpan, type SpanReport } from './reconciler';
import { retentionOf } from './retention';
import { sumOfReports } from './sumOfReports';
import { tellParity } from './tellParity';

export interface PassOptions extends ReconcilerOptions {
  readonly namespace: string;
  /** What happened less than this ago may still be on its way to the ledger. */
  readonly graceMs: number;
}

export interface PassServers
  extends Pick<ReconcilerOptions, 'client' | 'pool' | 'catalogue' | 'publisher'> {
  readonly kafka: Kafka;
}

export function createPassOptions(config: Config, servers: PassServers): PassOptions {
  const { TEMPORAL_NAMESPACE: namespace, TEMPORAL_TASK_QUEUE: taskQueue } = config;
  const { kafka, ...others } = servers;
  const { client, pool, catalogue } = servers;
  const pace = createPacer(config.WATCHER_REQUESTS_PER_SECOND);
  return {
    ...others,
    untilCounted: () => untilCounted(kafka, pool, catalogue.namesWithEvents.map(kpiTopic)),
    namespace,
    taskQueue,
    pace,
    ledger: new LedgerLookup(pool),
    accounts: new Accounts({ client, namespace, taskQueue, pace }),
    deployment: config.DEPLOYMENT_VERSION,
    graceMs: config.KPI_GRACE_SECONDS * 1_000,
    keepMs: config.LEDGER_KEEP_DAYS * 24 * hourMs,
  };
}

const hourMs = 3_600_000;

/** Spans so short that what happened in one, on a busy day, is no load for Postgres and for memory. */
const stepMs = hourMs / 6;
const stepEnd = (at: number): number => at - (at % stepMs) + stepMs;

const idle: ReconciliationStep = { done: true, runs: 0, histories: 0, repaired: 0, unexplained: 0 };

/** What a pass tells while it is under way. */
export interface PassListener {
  /** Called again and again while there is progress; may throw to stop. */
  readonly onProgress: () => void;
  /** Called for each finding, once it is saved. */
  readonly onFinding: (finding: Finding) => void;
}

/**
 * Compares what closed since the checkpoint, ten minutes of it at most, and moves the checkpoint on.
 * @throws OrderlyError LedgerBehind, and what Temporal, Kafka and Postgres throw when they are away
 */
export async function reconcileNext(
  options: PassOptions,
  depth: Depth,
  { onProgress, onFinding }: PassListener,
): Promise<ReconciliationStep> {
  const now = Date.now() - options.graceMs;
  const oldest = await oldestComparable(options);
  const from = await tellParity(options, depth);
  const begin = Math.max(from, oldest);
  if (begin >= now) return idle;
  const to = Math.min(now, stepEnd(begin));
  await options.untilCounted();
  const open = to === now && depth === 'shallow';
  const log = standingLog(options.pool, depth);
  const report = await reconcileSpan(
    options,
    { from: begin, to },
    { depth, open, onProgress, log },
  );
  const isSaved = await saveStep(options.pool, depth, { from, to }, report);
  if (isSaved) report.findings.forEach(onFinding);
  await tellParity(options, depth);
  return { done: to === now, ...summaryOf(report) };
}

/** What came of a pass out of turn, and what it judged of the span that was asked for. */
export interface PassReport extends SpanReport {
  /** Empty where nothing of the span can be judged: too young by the grace, or forgotten. */
  readonly judged: Span;
}

/** Compares any span again. @throws as `reconcileNext` */
export async function reconcileAgain(
  options: PassOptions,
  span: Span,
  depth: Depth,
  onProgress: () => void,
): Promise<PassReport> {
  const judged = await comparableSpan(options, span);
  const isNewest = judged.to < span.to;
  await options.untilCounted();
  const log = logOutOfTurn(options.pool, depth);
  const reports: SpanReport[] = [];
  for (let from = judged.from; from < judged.to; ) {
    const to = Math.min(judged.to, stepEnd(from));
    const open = isNewest && to === judged.to;
    const report = await reconcileSpan(options, { from, to }, { depth, open, onProgress, log });
    await takeBackDoubts(options.pool, depth, report.explained);
    await saveFindings(options.pool, depth, report.findings);
    reports.push(report);
    from = to;
  }
  return { ...sumOfReports(reports), judged };
}

/** What of a span can be judged: all of it is old enough by the grace, and none of it forgotten. */
export async function comparableSpan(options: PassOptions, { from, to }: Span): Promise<Span> {
  const now = Date.now() - options.graceMs;
  const begin = Math.max(from, await oldestComparable(options));
  return { from: begin, to: Math.max(begin, Math.min(to, now)) };
}

/** Before that either Temporal has forgotten, or the ledger would refuse what is missing. */
async function oldestComparable({ client, namespace, keepMs }: PassOptions): Promise<number> {
  const retentionMs = await retentionOf(client, namespace);
  return Math.max(Date.now() - retentionMs + hourMs, ledgerHorizon(keepMs));
}

function summaryOf({ runs, histories, parity }: SpanReport): Omit<ReconciliationStep, 'done'> {
  const sum = (of: 'repaired' | 'unexplained') => parity.reduce((total, row) => total + row[of], 0);
  return { runs, histories, repaired: sum('repaired'), unexplained: sum('unexplained') };
}
