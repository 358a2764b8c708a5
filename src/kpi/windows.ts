/**
 * What a window knows of what it misses.
 *
 * An event happens, is captured by the process in which it happens, waits there, is acknowledged by Kafka
 * and counted by the ledger. It can be lost before Kafka has it (the process dies, or its queue is full)
 * and late everywhere. So a figure alone says nothing: a count of zero may mean that nothing happened, that
 * it is still on its way, that it was lost, or that nobody was there to see it. Five things tell these apart.
 *
 * - Who is there. Every process that captures KPI events sends heartbeats, and a life lasts from its start
 *   to its last heartbeat and the lease granted by it. Each kind of producer that a KPI is fed by must be
 *   there throughout the window. Between a goodbye and the next start nothing happens that could be
 *   captured, so a lease bridges that pause as it bridges one between two heartbeats.
 * - What they know. A process reads its definitions when it starts, and captures nothing for a version that
 *   it has not read. So where a version is rolled out later than it takes effect, a life that does not know
 *   it vouches for nothing of it; and since what happens to such a process goes uncounted, the time of that
 *   life is as good as lost.
 * - How far it is counted. A heartbeat names a time before which all that its process captured is settled,
 *   and the offsets that this came to. Once the ledger has consumed these offsets, all of it is counted:
 *   the life is counted up to that time. The smallest such time over the living is the watermark. One
 *   heartbeat stands for all before it, so a lost or repeated one changes nothing; the sequence number
 *   keeps an old one from undoing a new one.
 * - What was lost. A life that ends by its lease, without a goodbye, may have taken with it what it captured
 *   since it was last settled; and a drop counted between two heartbeats happened between them.
 * - When it is over. An event is captured somewhat later than it happened: an attempt when it fails, a
 *   milestone when its announcement gets its turn; clocks differ, too. The grace covers that: whoever
 *   captures up to the window's end and the grace may still add to it.
 *
 * A window is
 *
 * - `partial` while it is open: until now and the watermark have passed its end and the grace. Also for
 *   ever, where something of its time was lost, or a kind of producer was there for only a part of it, or a
 *   process that did not know the definition was there as well, or a level was measured in only some of its
 *   minutes;
 * - `missing` where it is over, nothing was counted and, for the whole of it, some kind of producer was not
 *   there, or not with the definition: its zero would be a guess. Also where a level was not measured: it
 *   always has one;
 * - `no-traffic` where everyone was there, nothing was lost, all is counted, and it is nothing;
 * - `complete` otherwise.
 *
 * A level (a gauge) is measured once a minute, and the process that does so is alive where it can not: the
 * server that it asks is away, or answers after the minute. Its heartbeats do not vouch for that, so the
 * measurements themselves must be there, one for each minute of the window.
 *
 * Before a version takes effect, and once it has ended, nobody is there for it. Steps and closings of runs
 * that began under the version before still count by that one, so the first windows of a version hold all
 * that is counted by it, and not all that happened; the last ones of the other are known in part.
 *
 * States are worked out when they are asked for, so they mend by themselves: the ledger catches up, a
 * process that was thought to be dead is heard of again. What comes after a window was over counts all the
 * same and raises the window's revision; whoever has acted on an earlier revision can see it.
 *
 * All of this is in UTC: windows are whole multiples of their length since the epoch. A day is 24 hours
 * whatever the clocks of a country do.
 */
import { type Span, Times } from './spans';

export type WindowState = 'complete' | 'no-traffic' | 'partial' | 'missing';

/** One life of one process that captures KPI events; from its start until its lease ends. */
export interface Life extends Span {
  /** Its kind: src/kpi/producers.ts names them. */
  readonly producer: string;
  /** Whether it captures what the version counts that is asked about. */
  readonly knows: boolean;
  /** When its newest heartbeat was sent. */
  readonly heardAt: number;
  /** Whether that was a goodbye. */
  readonly goodbye: boolean;
  /** All that it captured before this time is counted, or was dropped. */
  readonly countedUntil: number;
}

/** Events were lost that were captured in this span. */
export interface Drop extends Span {
  readonly producer: string;
}

export interface Testimony {
  readonly lives: readonly Life[];
  readonly drops: readonly Drop[];
}

/** The state of a window in which so many events are counted. */
export type Judge = (window: Span, counted: number) => WindowState;

export interface Circumstances {
  /** The kinds of producers that feed the KPI. */
  readonly producers: readonly string[];
  /** Before this time nobody captured anything for it, nor from the end on. */
  readonly inForce: Span;
  /** Whether it is measured once in every minute, so that a minute without a measurement is a gap. */
  readonly everyMinute: boolean;
  /** How much later than it happened an event may be captured, in milliseconds. */
  readonly graceMs: number;
  readonly now: number;
}

const minuteMs = 60_000;

export function judge(
  { lives, drops }: Testimony,
  { producers: kinds, inForce, everyMinute, graceMs, now }: Circumstances,
): Judge {
  const relevant = lives.filter(({ producer }) => kinds.includes(producer));
  const knowing = relevant.filter(({ knows }) => knows);
  const presences = kinds.map(kind => presenceOf(kind, knowing, inForce));
  const unsure = new Times([
    ...knowing.map(life => uncountedOf(life, now)),
    ...relevant.filter(({ knows }) => !knows).map(unseenOf),
    ...drops.filter(({ producer }) => kinds.includes(producer)),
  ]);
  return (window, counted) => {
    const captured = { from: window.from, until: window.until + graceMs };
    if (captured.until > now) return 'partial';
    const nothing = counted === 0;
    if (nothing && !presences.every(presence => presence.touch(window))) return 'missing';
    if (unsure.touch(captured)) return 'partial';
    if (!presences.every(presence => presence.cover(window))) return 'partial';
    if (everyMinute && counted * minuteMs < window.until - window.from) {
      return nothing ? 'missing' : 'partial';
    }
    return nothing ? 'no-traffic' : 'complete';
  };
}

function presenceOf(kind: string, lives: readonly Life[], inForce: Span): Times {
  return new Times(
    lives
      .filter(({ producer }) => producer === kind)
      .map(({ from, until }) => ({
        from: Math.max(from, inForce.from),
        until: Math.min(until, inForce.until),
      })),
  );
}

/** When it captured, or may have captured, what is not counted: while it lives, this has no end yet. */
function uncountedOf({ until, heardAt, goodbye, countedUntil }: Life, now: number): Span {
  if (goodbye) return { from: countedUntil, until: heardAt };
  return { from: countedUntil, until: until > now ? Number.POSITIVE_INFINITY : until };
}

/** When it saw without knowing what to count. Windows outside of the span in force need no telling. */
function unseenOf({ from, until, heardAt, goodbye }: Life): Span {
  return { from, until: goodbye ? heardAt : until };
}
