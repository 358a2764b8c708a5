/** The demonstration as a check: sends, waits until all is settled, and proves that the sums add up. */
import { currencyOf } from '../../domain/currencies';
import { formatMoney } from '../../domain/money';
import { OrderlyError } from '../../errors';
import { readTotals } from '../../postgres/ledgerTotals';
import type { Distribution } from '../kpi/figures';
import { type Books, readBooks } from '../partners/books';
import { rejectedOrdersUrl } from '../temporalUi';
import { pause } from '../terminal/interrupt';
import { note, print, printJson } from '../terminal/output';
import { progressBar } from '../terminal/progress';
import { twiceCharged } from './charges';
import { collect } from './collect';
import { type Happened, happenedIn } from './happened';
import { differingFigures } from './ledgerFigures';
import { compareWithTemporal } from './parity';
import { demoCurrency } from './products';
import { untilQuiet } from './quiet';
import type { Session } from './session';
import { type SentByKind, send } from './stream';
import {
  chargeSumsOf,
  describeBroken,
  type Figures,
  figureSumsOf,
  type Parity,
  paritySumsOf,
  type Sum,
  sumsOf,
} from './sums';

const pollMs = 500;
const reportMs = 15_000;

/** Without any change for so long, what is missing will not come any more. */
const patienceMs = 90_000;

export interface RunSettings {
  readonly orders: number;
  readonly rate: number;
  readonly json: boolean;
  readonly signal: AbortSignal;
}

/** What one run came to. */
interface Summary extends Figures {
  readonly orders: number;
  readonly seconds: number;
  readonly sentByKind: SentByKind;
  readonly happened: Happened;
  /** In seconds, over the orders that were decided. */
  readonly latency: Distribution | undefined;
  readonly parity: Parity;
  readonly sums: readonly Sum[];
  readonly ui: string;
}

/** @throws OrderlyError SumsDoNotAddUp, Interrupted */
export async function runOnce(session: Session, settings: RunSettings): Promise<void> {
  const { orders, rate, json, signal } = settings;
  await untilQuiet(session, signal);
  const before = await readBooks(session.config);
  const countedBefore = await readTotals(session.pool);
  const begin = Date.now();
  const progress = progressBar('orders sent', orders);
  const sentByKind = await send(session, {
    orders,
    rate,
    signal,
    onSent: progress.update,
  }).finally(progress.stop);
  note('All are sent; waiting until every one is settled.');
  const figures = await settled(session, sentByKind, before, signal);
  if (signal.aborted) throw new OrderlyError('Interrupted');
  note('All are settled; asking both providers for every order.');
  const charges = await twiceCharged(session, signal);
  note('Adding up the events of all KPIs, to hold the figures of the ledger against them.');
  const differing = await differingFigures(session, countedBefore, signal);
  note("Holding the ledger against Temporal's own record.");
  const parity = await compareWithTemporal(session, begin, signal);
  const summary: Summary = {
    orders: figures.sent.submissions,
    seconds: (Date.now() - begin) / 1_000,
    sentByKind,
    happened: happenedIn(session.tally, session.staff),
    ...figures,
    latency: session.tally.latency.distribution(Date.now()),
    parity,
    sums: [
      ...sumsOf(figures),
      ...chargeSumsOf(charges),
      ...figureSumsOf(differing),
      ...paritySumsOf(parity),
    ],
    ui: rejectedOrdersUrl(session.config),
  };
  if (json) printJson(summary);
  else print(describe(summary));
  const broken = describeBroken(summary.sums);
  if (broken !== '') throw new OrderlyError('SumsDoNotAddUp', { detail: broken });
}

/** The figures once all sums hold, or when nothing changes any more. */
async function settled(
  session: Session,
  sentByKind: SentByKind,
  before: Books,
  signal: AbortSignal,
): Promise<Figures> {
  const { duplicate = 0, conflicting = 0, malformed = 0 } = sentByKind;
  const submissions = Object.values(sentByKind).reduce((sum, count) => sum + count, 0);
  const sent = { submissions, duplicate, conflicting, malformed };
  let seen = '';
  let changedAt = Date.now();
  let reportAt = Date.now() + reportMs;
  for (;;) {
    const figures = await collect(session, sent, before);
    const broken = describeBroken(sumsOf(figures));
    const now = Date.now();
    if (JSON.stringify(figures) !== seen) changedAt = now;
    seen = JSON.stringify(figures);
    if (broken === '' || signal.aborted || now - changedAt > patienceMs) return figures;
    if (now > reportAt) {
      note(`Not yet: ${broken}`);
      reportAt = now + reportMs;
    }
    await pause(pollMs, signal);
  }
}

function describe(summary: Summary): string {
  const { orders, seconds, workflows, topics, register, money, happened, latency, parity } =
    summary;
  const euros = (amount: number) => formatMoney(amount, currencyOf(demoCurrency));
  const held = summary.sums.filter(({ holds }) => holds).length;
  const { decided } = happened;
  const lines = [
    `${orders} submissions settled in ${seconds.toFixed(1)} s`,
    `  completed ${workflows.completed}, partly failed ${workflows.partlyFailed}, rejected ${workflows.rejected}, cancelled ${workflows.cancelled}`,
    `  rejected for ${inWords(happened.rejectedFor)}`,
    `  the operator approved ${decided.approved}, and rejected ${decided.rejected}`,
    `  back-ordered ${topics.backOrdered}, in several parcels ${happened.split}, parcels shipped ${topics.shipped}`,
    `  money captured ${euros(money.captured)}, refunded ${euros(money.refunded)}; cards declined ${money.declined}, failovers ${money.failovers}`,
    `  duplicates ${register.duplicates}, dead-lettered ${topics.deadLetters}: ${inWords(happened.deadLetteredFor)}`,
    `  messages of partners refused: ${inWords(happened.newsRefusedFor)}`,
    `  operators were told: ${inWords(happened.notices)}`,
  ];
  if (latency !== undefined) {
    const [average, p95, maximum] = [latency.average, latency.p95, latency.maximum].map(
      value => `${value.toFixed(3)} s`,
    );
    lines.push(`  latency average ${average}, p95 ${p95}, maximum ${maximum}`);
  }
  const { matched, repaired, unexplained } = parity;
  lines.push(
    `  ledger against Temporal: ${matched} events match, ${repaired.length} lacked, ${unexplained.length} unexplained`,
  );
  return [
    ...lines,
    `  ${held} of ${summary.sums.length} sums add up`,
    `  those rejected, in the Temporal UI while it is up (orderly stack up): ${summary.ui}`,
  ].join('\n');
}

const inWords = (byReason: Readonly<Record<string, number>>): string =>
  Object.entries(byReason)
    .map(([reason, count]) => `${reason} ${count}`)
    .join(', ') || 'none';
