/** What a section of the bench is given, and what it answers. */
import type { Bare } from './bare/bare';
import type { Stage } from './support/stage';

/** How much is measured. More orders and pairs make the figures steadier, and the run longer. */
export interface Scale {
  /** Orders in one block. */
  readonly orders: number;
  /** Blocks of each kind: A B A B ... */
  readonly pairs: number;
  /** Orders of the section `memory`. */
  readonly memoryOrders: number;
  /** KPI events of the section `ledger`, each of which comes twice. */
  readonly ledgerEvents: number;
}

export interface Bench {
  readonly stage: Stage;
  readonly bare: Bare;
  readonly scale: Scale;
  /** What the bare worker does with enough in flight, measured at the beginning of this run. */
  readonly barePerSecond: number;
  /** Tells people what is going on. */
  note(text: string): void;
}

/** One figure. Ratios are the median over the pairs, with the lowest and the highest beside it. */
export interface Figure {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  readonly min?: number;
  readonly max?: number;
  readonly goal?: { readonly atLeast: number } | { readonly atMost: number };
}

export type Section = (bench: Bench) => Promise<Figure[]>;

export function isMet({ value, goal }: Figure): boolean {
  if (goal === undefined) return true;
  return 'atLeast' in goal ? value >= goal.atLeast : value <= goal.atMost;
}
