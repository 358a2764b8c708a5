/** What `orderly kpi watch` shows, as text; pure. */
import type { KpiDefinition } from '../../kpi/definition';
import { growsWithTime } from '../../kpi/judgement';
import { amountInWords, spanInWords } from '../../kpi/words';
import { type KpiWindow, statisticOf } from '../../ledger/figures';
import { table } from '../terminal/output';
import { sparkline } from '../terminal/sparkline';
import { round } from './windowsTable';

export interface WatchedKpi {
  readonly definition: KpiDefinition;
  readonly fed: boolean;
  /** Minutes, slice by slice. */
  readonly windows: readonly KpiWindow[];
}

const minutesHead = 'MINUTES';

/** `minutes` is a sparkline. */
interface Row {
  readonly cells: readonly string[];
  readonly minutes: string;
}

/**
 * A line per KPI, and per value of a dimension whose values never add up.
 * @param width characters of a line: the oldest minutes are left out where there is no room for them
 */
export function watchLines(
  watched: readonly WatchedKpi[],
  width = Number.POSITIVE_INFINITY,
): string[] {
  const head = { cells: ['KPI', 'LAST', 'TARGET', 'STATE'], minutes: minutesHead };
  const rows = [head, ...watched.flatMap(kpi => (kpi.fed ? fedRows(kpi) : [unfedRow(kpi)]))];
  const lines = table(
    rows.map(({ cells }) => cells),
    new Set([1]),
  ).split('\n');
  const taken = Math.max(...lines.map(({ length }) => length)) + 2;
  const room = Math.max(width - taken, 0);
  return [
    ...rows.map(({ minutes }, place) =>
      `${lines[place]!.padEnd(taken)}${newest(minutes, room)}`.trimEnd(),
    ),
    '',
    '· no traffic   × missing',
  ];
}

/** How each slice of a KPI stands, such as `order-latency 0.12 s met`. */
export const standings = (kpi: WatchedKpi): string[] =>
  (kpi.fed ? fedRows(kpi) : [unfedRow(kpi)]).map(({ cells: [name, last, , state] }) =>
    [name, last, state].join(' '),
  );

const newest = (minutes: string, room: number): string =>
  minutes === minutesHead
    ? minutes.slice(0, room)
    : minutes.slice(Math.max(minutes.length - room, 0));

const unfedRow = ({ definition }: WatchedKpi): Row => ({
  cells: [definition.name, '-', aimOf(definition), 'not fed yet'],
  minutes: '',
});

function fedRows({ definition, windows }: WatchedKpi): Row[] {
  return [...bySlice(windows)].map(([slice, minutes]) => {
    const last = lastOf(definition, minutes);
    const value = judgedValue(definition, last);
    return {
      cells: [
        `${definition.name}${slice && ` ${slice}`}`,
        value === null ? '-' : amountOf(definition, value),
        aimOf(definition),
        last.state,
      ],
      minutes: sparkline(
        minutes.map(minute => judgedValue(definition, minute)),
        place => (minutes[place]!.state === 'missing' ? '×' : '·'),
      ),
    };
  });
}

/**
 * The newest minute that is over. Where nobody was there then, but somebody is now, the newest that has a
 * figure: a system that has just been started is not a broken one.
 */
function lastOf(definition: KpiDefinition, minutes: readonly KpiWindow[]): KpiWindow {
  const over = minutes.findLast(({ state }) => state !== 'partial');
  if (over !== undefined && over.state !== 'missing') return over;
  const later = minutes.slice(over === undefined ? 0 : minutes.indexOf(over));
  const told = later.findLast(minute => judgedValue(definition, minute) !== null);
  return told ?? over ?? minutes.at(-1)!;
}

function bySlice(windows: readonly KpiWindow[]): Map<string, KpiWindow[]> {
  const slices = new Map<string, KpiWindow[]>();
  for (const window of windows) {
    const name = Object.values(window.slice).join(' ');
    slices.set(name, [...(slices.get(name) ?? []), window]);
  }
  return slices;
}

/** A minute with nothing in it has no bar, not even of zero: it is told apart by its mark. */
const judgedValue = ({ target }: KpiDefinition, minute: KpiWindow): number | null =>
  minute.count === 0 ? null : statisticOf(minute, target.statistic, 1);

const amountOf = ({ target, formula }: KpiDefinition, value: number): string =>
  amountInWords(round(value), target.statistic, formula);

function aimOf(definition: KpiDefinition): string {
  const { statistic, atMost, atLeast } = definition.target;
  const amount = amountOf(definition, atMost ?? atLeast ?? 0);
  const time = growsWithTime(statistic) ? ` in ${spanInWords(definition.window)}` : '';
  return `${atMost === undefined ? '>=' : '<='} ${amount}${time}`;
}
