/** KPIs that are made of others: a quotient of sums over the same windows and slices. */
import type { Formula, Term } from '../kpi/definition';
import type { WindowState } from '../kpi/windows';
import type { Slice } from '../postgres/ledgerReport';
import type { FigureRow } from '../postgres/packedFigures';
import { type Counted, type Frame, type Ledger, readCounted } from './counted';
import { type KpiWindow, ratioWindow } from './figures';
import { versionToRead } from './versions';
import { spansOf } from './windowSpans';

type Derived = Extract<Formula, { kind: 'derived' }>;

/** @throws OrderlyError PostgresUnavailable */
export async function readDerived(
  ledger: Ledger,
  { numerator, denominator }: Derived,
  frame: Frame,
  by: readonly string[],
): Promise<KpiWindow[]> {
  const names = [...new Set([...numerator, ...denominator].map(({ kpi }) => kpi))];
  const inputs = new Map(
    await Promise.all(
      names.map(async name => {
        const definition = versionToRead(ledger.catalogue, name, frame.until);
        return [name, await readCounted(ledger, definition, frame, by, toQuotient)] as const;
      }),
    ),
  );
  const spans = spansOf(frame);
  return slicesOf([...inputs.values()]).flatMap(slice => {
    const rows = rowsOf(inputs, slice);
    return spans.map((span, number) => {
      const rowOf = (kpi: string) => rows.get(kpi)?.[number];
      const states = [...inputs].map(([kpi, { judge }]) => judge(span, rowOf(kpi)?.count ?? 0));
      const below = totalOf(denominator, rowOf);
      const state = stateOf(states, below);
      const isKnown = state !== 'missing' && below !== 0;
      const revision = names.reduce((sum, kpi) => sum + (rowOf(kpi)?.revision ?? 0), 0);
      const ratio = isKnown ? totalOf(numerator, rowOf) / below : null;
      return ratioWindow({ span, state, slice }, revision, ratio);
    });
  });
}

/** What of a row a quotient is made of. */
const toQuotient = ({ count, sum, revision }: FigureRow) => ({ count, sum, revision });

type Row = ReturnType<typeof toQuotient>;

type RowOf = (kpi: string) => Row | undefined;

const totalOf = (terms: readonly Term[], rowOf: RowOf): number =>
  terms.reduce((sum, { kpi, statistic, times }) => sum + (rowOf(kpi)?.[statistic] ?? 0) * times, 0);

/** No better than the worst of what it is made of. An input without traffic is a zero like any other. */
function stateOf(states: readonly WindowState[], below: number): WindowState {
  if (states.includes('missing')) return 'missing';
  if (states.includes('partial')) return 'partial';
  return below === 0 ? 'no-traffic' : 'complete';
}

function slicesOf(inputs: readonly Counted<Row>[]): Slice[] {
  const slices = inputs.flatMap(({ groups }) => groups).filter(({ rows }) => rows.length > 0);
  const distinct = new Map(slices.map(({ slice }) => [keyOf(slice), slice]));
  return distinct.size === 0 ? [{}] : [...distinct.values()];
}

function rowsOf(inputs: ReadonlyMap<string, Counted<Row>>, slice: Slice) {
  const key = keyOf(slice);
  return new Map(
    [...inputs].map(([kpi, { groups }]) => [
      kpi,
      groups.find(group => keyOf(group.slice) === key)?.rows,
    ]),
  );
}

const keyOf = (slice: Slice): string => JSON.stringify(slice);
