/** What a comparison knows of earlier ones, and leaves to later ones, about single events. */
import type { Pool } from 'pg';
import { doubtedAmong, type Finding, saveFindings } from '../postgres/findings';
import { notedAmong, notedRepairs, noteRepairs } from '../postgres/notedRepairs';
import type { Depth } from '../postgres/parity';

/** What is known of events that the ledger has. */
export interface Remembered {
  /** Repairs of a step that broke off before it was saved, by event id: no figure has them yet. */
  readonly repairs: ReadonlyMap<string, Finding>;
  /** Ids of those that could not be explained so far. */
  readonly doubts: ReadonlySet<string>;
}

export interface PassLog {
  /** Called with repairs before they are published. */
  note(repairs: readonly Finding[]): Promise<void>;
  /** Ask it after the ledger: what that has of a repair is noted by then. */
  of(eventIds: readonly string[]): Promise<Remembered>;
  /** All repairs that are noted and not told. */
  noted(): Promise<Finding[]>;
}

/** Of the standing reconciliation: what it notes is kept until its step is saved. */
export const standingLog = (pool: Pool, depth: Depth): PassLog => ({
  note: repairs => noteRepairs(pool, depth, repairs),
  async of(eventIds) {
    const [repairs, doubts] = await Promise.all([
      notedAmong(pool, depth, eventIds),
      doubtedAmong(pool, depth, eventIds),
    ]);
    return { repairs, doubts };
  },
  noted: () => notedRepairs(pool, depth),
});

/** Of a pass out of turn, which has no figures to keep: a repair is a finding before it is published. */
export const logOutOfTurn = (pool: Pool, depth: Depth): PassLog => ({
  note: repairs => saveFindings(pool, depth, repairs),
  async of(eventIds) {
    return { repairs: new Map(), doubts: await doubtedAmong(pool, depth, eventIds) };
  },
  noted: async () => [],
});
