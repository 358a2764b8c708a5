/** What a comparison came to: counts by hour, KPI and kind of occurrence, and the events that stood out. */

import type { Finding } from '../postgres/findings';
import type { ParityRow } from '../postgres/parity';

const hourMs = 3_600_000;

/** The start of the hour, in milliseconds since the epoch. */
export const hourOf = (at: number): number => at - (at % hourMs);

/** An event that was compared. `at`: when it happened. */
export interface Compared {
  readonly id: string;
  readonly kpi: string;
  readonly occurrence: ParityRow['occurrence'];
  readonly at: number;
}

type Counts = { -readonly [K in keyof ParityRow]: ParityRow[K] };

export class Tally {
  readonly findings: Finding[] = [];
  /** Ids of events that were doubted before, and match. */
  readonly explained: string[] = [];
  private readonly rows = new Map<string, Counts>();
  private readonly repairs = new Set<string>();

  matched(event: Compared): void {
    this.rowOf(event).matched++;
  }

  /** It was not in the ledger as it happened, and is published. Counts once, however often it is told. */
  repaired(event: Compared, detail: string): void {
    if (this.repairs.has(event.id)) return;
    this.repairs.add(event.id);
    this.rowOf(event).repaired++;
    this.find(event, 'repaired', detail);
  }

  /** The ledger has it, and Temporal has it not, or otherwise. It stays as it is. */
  unexplained(event: Compared, detail: string): void {
    this.rowOf(event).unexplained++;
    this.find(event, 'unexplained', detail);
  }

  /** By hour, KPI and occurrence. */
  get parity(): ParityRow[] {
    return [...this.rows.values()].sort(
      (a, b) =>
        a.hour - b.hour || compareText(a.kpi, b.kpi) || compareText(a.occurrence, b.occurrence),
    );
  }

  private find({ id, kpi, occurrence, at }: Compared, verdict: Finding['verdict'], detail: string) {
    this.findings.push({ eventId: id, verdict, kpi, occurrence, at, detail });
  }

  private rowOf({ kpi, occurrence, at }: Compared): Counts {
    const hour = hourOf(at);
    const key = `${hour} ${kpi} ${occurrence}`;
    const known = this.rows.get(key);
    if (known !== undefined) return known;
    const row = { hour, kpi, occurrence, matched: 0, repaired: 0, unexplained: 0 };
    this.rows.set(key, row);
    return row;
  }
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
