/** What happened to the orders of a run, each kind of event by its reason; pure. */
import type { Staff } from './staff';
import type { Tally } from './tally';

type ByReason = Readonly<Record<string, number>>;

export interface Happened {
  /** What the operator decided of the orders that waited for a person. */
  readonly decided: Staff['decided'];
  /** Orders. */
  readonly rejectedFor: ByReason;
  /** Orders that go in several parcels. */
  readonly split: number;
  /** Submissions that no intake can take. */
  readonly deadLetteredFor: ByReason;
  /** Messages of partners, of this run or another. */
  readonly newsRefusedFor: ByReason;
  /** What operators were told. */
  readonly notices: ByReason;
}

type Seen = Pick<Tally, 'rejections' | 'splitOrders' | 'deadLetters' | 'refusedNews' | 'notices'>;

export const happenedIn = (tally: Seen, { decided }: Pick<Staff, 'decided'>): Happened => ({
  decided: { ...decided },
  rejectedFor: byReason(tally.rejections),
  split: tally.splitOrders.size,
  deadLetteredFor: byReason(tally.deadLetters),
  newsRefusedFor: byReason(tally.refusedNews),
  notices: byReason(tally.notices),
});

/** How many there are of each reason, the most frequent first. */
function byReason(reasons: ReadonlyMap<string, string>): ByReason {
  const counts = new Map<string, number>();
  for (const reason of reasons.values()) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return Object.fromEntries([...counts].sort(([, one], [, other]) => other - one));
}
