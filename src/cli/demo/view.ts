/** The live summary as text; pure. */
import { currencyOf } from '../../domain/currencies';
import { formatMoney } from '../../domain/money';
import type { Parity } from '../../postgres/reconciliation';
import type { Distribution } from '../kpi/figures';
import { type WatchedKpi, watchLines } from '../kpi/watchLines';
import type { Money } from './books';
import type { OpenOrders } from './collect';
import { demoCurrency } from './products';

export interface Snapshot extends OpenOrders {
  readonly seconds: number;
  readonly received: number;
  readonly confirmed: number;
  readonly rejected: number;
  readonly cancelled: number;
  readonly duplicates: number;
  readonly deadLettered: number;
  /** Parcels. */
  readonly shipped: number;
  /** Messages of partners that were refused. */
  readonly refusedNews: number;
  /** What operators were told. */
  readonly notices: number;
  /** Undefined while a partner does not answer. */
  readonly money: Money | undefined;
  /** In seconds; undefined before the first order is decided. */
  readonly latency: Distribution | undefined;
  readonly inventoryErrorsLastMinute: number;
  /** Records that the intake has not done yet; undefined while Kafka does not answer. */
  readonly lag: number | undefined;
  /** As the ledger has them. */
  readonly kpis: readonly WatchedKpi[];
  /** The standing comparison of the ledger with Temporal, over all time. */
  readonly parity: Parity;
}

/** One line, for whoever reads a log. */
export function asLine(now: Snapshot): string {
  const { latency } = now;
  const life = lifeOf(now);
  return [
    clock(now.seconds),
    `received ${now.received}`,
    `confirmed ${now.confirmed}`,
    `rejected ${now.rejected}`,
    `cancelled ${now.cancelled}`,
    `duplicates ${now.duplicates}`,
    `dead-lettered ${now.deadLettered}`,
    ...[...life.map(([one]) => one), ...life.map(([, other]) => other)].map(
      ([name, value]) => `${name} ${value}`,
    ),
    `latency average ${seconds(latency?.average)} p95 ${seconds(latency?.p95)} maximum ${seconds(latency?.maximum)}`,
    `inventory errors in the last minute ${now.inventoryErrorsLastMinute}`,
    `lag ${now.lag ?? '-'}`,
    parityText(now.parity),
  ].join(', ');
}

/** For programs: of each KPI the newest minute that is over. */
export function asJson({ kpis, ...now }: Snapshot) {
  const minutes = kpis.map(({ definition, windows }) => ({
    kpi: definition.name,
    version: definition.version,
    ...windows.findLast(({ state }) => state !== 'partial'),
  }));
  return { ...now, kpis: minutes };
}

/** A block of lines, for a terminal, with a link to the rejected orders. */
export function asBlock(now: Snapshot, link: string): string[] {
  const { latency } = now;
  const left: Cell[] = [
    ['received', now.received],
    ['confirmed', now.confirmed],
    ['rejected', now.rejected],
    ['cancelled', now.cancelled],
    ['duplicates', now.duplicates],
    ['dead-lettered', now.deadLettered],
  ];
  const right: Cell[] = [
    ['latency, average', seconds(latency?.average)],
    ['latency, p95', seconds(latency?.p95)],
    ['latency, maximum', seconds(latency?.maximum)],
    ['inventory errors, last minute', String(now.inventoryErrorsLastMinute)],
    ['consumer lag', String(now.lag ?? '-')],
    ['running for', clock(now.seconds)],
  ];
  return [
    '',
    ...left.map((cell, row) => rowOf(cell, right[row]!)),
    '',
    ...lifeOf(now).map(([one, other]) => rowOf(one, other)),
    '',
    ...watchLines(now.kpis).map(line => `  ${line}`),
    `  ${parityText(now.parity)}`,
    '',
    `  Temporal UI, rejected orders: ${link}`,
    '  Ctrl-C stops everything; data stays for the next time.',
    '',
  ];
}

type Cell = readonly [name: string, value: number | string];

const rowOf = ([name, value]: Cell, [otherName, other]: Cell): string =>
  `  ${name.padEnd(20)}${String(value).padStart(8)}    ${otherName.padEnd(26)}${String(other).padStart(16)}`;

/** What lies between an order and its end, and the money. */
function lifeOf(now: Snapshot): [Cell, Cell][] {
  const { money } = now;
  const amount = (minorUnits: number | undefined) =>
    minorUnits === undefined ? '-' : formatMoney(minorUnits, currencyOf(demoCurrency));
  return [
    [
      ['waiting for approval', now.awaitingApproval],
      ['money held', amount(money?.held)],
    ],
    [
      ['back-ordered', now.backOrdered],
      ['money captured', amount(money?.captured)],
    ],
    [
      ['in picking', now.inPicking],
      ['money refunded', amount(money?.refunded)],
    ],
    [
      ['parcels shipped', now.shipped],
      ['failovers', money?.failovers ?? '-'],
    ],
    [
      ['messages refused', now.refusedNews],
      ['notices to operators', now.notices],
    ],
  ];
}

const parityText = ({ matched, repaired, unexplained }: Parity): string =>
  `ledger against Temporal: ${matched} matched, ${repaired} repaired, ${unexplained} unexplained`;

const seconds = (value: number | undefined): string =>
  value === undefined ? '-' : `${value.toFixed(3)} s`;

function clock(total: number): string {
  const whole = Math.floor(total);
  const parts = [Math.floor(whole / 3_600), Math.floor(whole / 60) % 60, whole % 60];
  return parts.map(part => String(part).padStart(2, '0')).join(':');
}
