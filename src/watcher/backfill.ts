/**
 * Back-filling: a version of a KPI counts what happened before it was there, as Temporal recorded it. Its
 * events go out under their own ids, so the ledger counts each once, however often this is done.
 */

import type { KpiDefinition } from '../kpi/definition';
import { type DerivedEvent, deriveEveryVersion } from '../kpi/derive';
import { type Occurrence, occurrenceId } from '../kpi/occurrence';
import { kpiRecord } from '../kpiRecords';
import { refusalsNotedIn } from '../postgres/reconciliation';
import type { Run } from './account';
import { asReconciled } from './asReconciled';
import { closedRuns, countClosedRuns, type Span } from './closedRuns';
import { inLanes } from './lanes';
import { comparableSpan, type PassOptions } from './passes';

export interface Backfilled {
  /** What was looked at; empty where nothing of the span is old enough, or remembered. */
  readonly span: Span;
  /** Runs whose histories were read. */
  readonly runs: number;
  /** Events that are published now. */
  readonly published: number;
  /** Of the published ones, those that the ledger had refused before, by the code of the reason. */
  readonly refusedBefore: Readonly<Record<string, number>>;
  /** Events that the ledger counted already. */
  readonly known: number;
}

type Version = Pick<KpiDefinition, 'name' | 'version'>;

interface Found {
  readonly occurrence: Occurrence;
  readonly event: DerivedEvent;
}

const chunkSize = 50;
const lanes = 8;

/**
 * Publishes the events of one version that follow from the runs that closed in the span, and from the
 * refusals noted in it, but for those that the ledger counted. What it refused goes out again: the reason
 * may have passed, and if not, it is refused once more and nothing is lost.
 * @param onProgress called again and again with the number of runs that are read; may throw to stop
 * @throws OrderlyError LedgerBehind, and what Temporal, Kafka and Postgres throw when they are away
 */
export async function backfill(
  options: PassOptions,
  version: Version,
  asked: Span,
  onProgress: (runs: number, total: number) => void,
): Promise<Backfilled> {
  const span = await comparableSpan(options, asked);
  const refusedBefore: Record<string, number> = {};
  const sums = { runs: 0, published: 0, refusedBefore, known: 0 };
  const add = async (occurrences: readonly Occurrence[]) => {
    const { published, refused, known } = await publishMissing(options, version, occurrences);
    sums.published += published;
    sums.known += known;
    for (const code of refused) refusedBefore[code] = (refusedBefore[code] ?? 0) + 1;
    onProgress(sums.runs, total);
  };
  if (span.from === span.to) return { span, ...sums };
  await options.untilCounted();
  const total = await countClosedRuns(options, span);
  for await (const page of closedRuns(options, span)) {
    for (let first = 0; first < page.length; first += chunkSize) {
      const runs = page.slice(first, first + chunkSize);
      sums.runs += runs.length;
      await add(await occurrencesOf(options, runs));
    }
  }
  const refusals = await refusalsNotedIn(options.pool, span);
  await add(
    refusals.map(({ originDigest, ...refusal }) => ({
      ...refusal,
      occurrence: 'order-refused',
      id: occurrenceId.refused(originDigest),
      versionAt: refusal.at,
    })),
  );
  return { span, ...sums };
}

async function occurrencesOf({ accounts }: PassOptions, runs: readonly Run[]) {
  const occurrences: Occurrence[] = [];
  await inLanes(lanes, runs, async run => {
    occurrences.push(...((await accounts.of(run))?.occurrences ?? []));
  });
  return occurrences;
}

async function publishMissing(
  { catalogue, deployment, ledger, publisher, keepMs }: PassOptions,
  { name, version }: Version,
  occurrences: readonly Occurrence[],
) {
  // What is older the ledger would refuse.
  const oldest = Date.now() - keepMs;
  const found: Found[] = occurrences
    .filter(({ at }) => at > oldest)
    .flatMap(occurrence =>
      deriveEveryVersion(catalogue, occurrence, deployment)
        .filter(({ data }) => data.kpi === name && data.version === version)
        .map(event => ({ occurrence, event })),
    );
  const met = await ledger.find(found.map(({ event }) => event.id));
  const refusalOf = ({ event }: Found) => {
    const known = met.get(event.id);
    return known !== undefined && 'refused' in known ? known.refused : undefined;
  };
  const missing = found.filter(each => !met.has(each.event.id) || refusalOf(each) !== undefined);
  await Promise.all(
    missing.map(({ occurrence, event }) =>
      publisher.publish(asReconciled(kpiRecord(occurrence, event))),
    ),
  );
  return {
    published: missing.length,
    refused: missing.flatMap(each => refusalOf(each) ?? []),
    known: found.length - missing.length,
  };
}
