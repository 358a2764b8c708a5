/** The live summary as text; pure. */
import { currencyOf } from '../../domain/currencies';
import { formatMoney } from '../../domain/money';
import type { Parity } from '../../postgres/parity';
import type { Distribution } from '../kpi/figures';
import { standings, type WatchedKpi, watchLines } from '../kpi/watchLines';
import type { Money } from './books';
import type { OpenOrders } from './collect';
import { demoCurrency } from './products';
import type { Staff } from './staff';

export interface Snapshot extends OpenOrders {
  readonly seconds: number;
  readonly received: number;
  readonly confirmed: number;
  readonly rejected: number;
  readonly cancelled: number;
  readonly duplicates: number;
  readonly deadLettered: number;
  /** By the demonstration's operator. */
  readonly decided: Staff['decided'];
  /** Confirmed orders that go in several parcels. */
  readonly split: number;
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
  const rows = cellsOf(now);
  const cells = ([0, 1, 2] as const).flatMap(column => rows.map(row => row[column]));
  return [
    clock(now.seconds),
    ...cells.map(([name, value]) => `${name} ${value}`),
    `operator notices ${now.notices}`,
    `latency average ${seconds(latency?.average)} p95 ${seconds(latency?.p95)} maximum ${seconds(latency?.maximum)}`,
    `inventory errors in the last minute ${now.inventoryErrorsLastMinute}`,
    `lag ${now.lag ?? '-'}`,
    ...now.kpis.flatMap(standings),
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

/** A block of lines of at most 80 characters, but for the link to the rejected orders; for a terminal of 24 rows. */
export function asBlock(now: Snapshot, link: string): string[] {
  const { latency } = now;
  return [
    rowOf('ORDERS', 'UNDER WAY', 'MONEY AND PARTNERS'),
    ...cellsOf(now).map(([left, middle, right]) =>
      rowOf(spread(left, widths[0]), spread(middle, widths[1]), spread(right, widths[2])),
    ),
    '',
    indented(
      `latency  average ${seconds(latency?.average)}  p95 ${seconds(latency?.p95)}  maximum ${seconds(latency?.maximum)}  running ${clock(now.seconds)}`,
    ),
    indented(
      `inventory errors, last minute ${now.inventoryErrorsLastMinute}  lag ${now.lag ?? '-'}  operator notices ${now.notices}`,
    ),
    '',
    ...watchLines(now.kpis, blockWidth - margin.length).map(indented),
    indented(parityText(now.parity)),
    '',
    indented(`Rejected orders: ${link}`),
    indented('Ctrl-C stops everything; data stays for the next time.'),
  ];
}

type Cell = readonly [name: string, value: number | string];
type Row = readonly [Cell, Cell, Cell];

/** Orders, what is between an order and its end, and the money. */
function cellsOf(now: Snapshot): Row[] {
  const { money, decided } = now;
  const amount = (minorUnits: number | undefined) =>
    minorUnits === undefined ? '-' : formatMoney(minorUnits, currencyOf(demoCurrency));
  return [
    [
      ['received', now.received],
      ['awaiting approval', now.awaitingApproval],
      ['held', amount(money?.held)],
    ],
    [
      ['confirmed', now.confirmed],
      ['approved', decided.approved],
      ['captured', amount(money?.captured)],
    ],
    [
      ['rejected', now.rejected],
      ['back-ordered', now.backOrdered],
      ['refunded', amount(money?.refunded)],
    ],
    [
      ['cancelled', now.cancelled],
      ['in picking', now.inPicking],
      ['cards declined', money?.declined ?? '-'],
    ],
    [
      ['duplicates', now.duplicates],
      ['in several parcels', now.split],
      ['failovers', money?.failovers ?? '-'],
    ],
    [
      ['dead-lettered', now.deadLettered],
      ['parcels shipped', now.shipped],
      ['messages refused', now.refusedNews],
    ],
  ];
}

const blockWidth = 80;
const margin = '  ';
const gap = '   ';
const widths = [20, 25, 27] as const;

const indented = (line: string): string => `${margin}${line}`.trimEnd();

const rowOf = (left: string, middle: string, right: string): string =>
  indented([left.padEnd(widths[0]), middle.padEnd(widths[1]), right].join(gap));

const spread = ([name, value]: Cell, width: number): string =>
  name + String(value).padStart(width - name.length);

const parityText = ({ matched, repaired, unexplained }: Parity): string =>
  `ledger against Temporal: ${matched} matched, ${repaired} repaired, ${unexplained} unexplained`;

const seconds = (value: number | undefined): string =>
  value === undefined ? '-' : `${value.toFixed(3)} s`;

function clock(total: number): string {
  const whole = Math.floor(total);
  const parts = [Math.floor(whole / 3_600), Math.floor(whole / 60) % 60, whole % 60];
  return parts.map(part => String(part).padStart(2, '0')).join(':');
}
