/**
 * Sends the demonstration's submissions, cancels some orders while they are open, and gives the partners
 * their troubles meanwhile.
 */
import { randomInt } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { pause } from '../terminal/interrupt';
import { paced } from '../terminal/paced';
import { cancelInPicking, cancelWhileOpen } from './customers';
import { beAsEveryDay, PaymentTroubles } from './partners';
import type { Session } from './session';
import { type Submission, type SubmissionKind, submissions } from './submissions';

/** How many were sent of each kind. */
export type SentByKind = Partial<Record<SubmissionKind, number>>;

export interface StreamSettings {
  /** Infinity goes on until the signal is aborted. */
  readonly orders: number;
  /** Submissions per second; fewer where the machine does not keep up. */
  readonly rate: number;
  readonly signal: AbortSignal;
  /** Told after each submission how many there were. */
  readonly onSent?: (count: number) => void;
}

/** Resolves when all that was sent is acknowledged by Kafka. */
export async function send(session: Session, settings: StreamSettings): Promise<SentByKind> {
  const { orders, rate, signal, onSent } = settings;
  const failed = new AbortController();
  const underWay = new Set<Promise<void>>();
  const sent: SentByKind = {};
  let count = 0;
  const stop = AbortSignal.any([signal, failed.signal]);
  // Every order that is being cancelled listens; by default Node takes more than ten for a leak.
  setMaxListeners(0, stop);
  await beAsEveryDay(session.config);
  const troubles = new PaymentTroubles(session.config, stop);
  for await (const submission of paced(first(orders, streamOf(session)), rate, stop)) {
    await room(session, count, stop);
    await troubles.at(count);
    const step = sendOne(session, submission, stop);
    underWay.add(step);
    step.then(
      () => underWay.delete(step),
      () => failed.abort(),
    );
    sent[submission.kind] = (sent[submission.kind] ?? 0) + 1;
    count++;
    onSent?.(count);
  }
  await troubles.end();
  await Promise.all(underWay);
  return sent;
}

/** Submissions that may be undecided: enough to keep any machine busy, and soon done with. */
const mostUndecided = 40;

/** The longest wait for room before one submission: some may never be decided. */
const roomPatienceMs = 1_000;

/** Waits while the machine does not keep up: orders that lie in Kafka show nothing but a queue. */
async function room({ tally }: Session, sent: number, signal: AbortSignal): Promise<void> {
  const limit = Date.now() + roomPatienceMs;
  while (
    sent - tally.decidedSubmissions >= mostUndecided &&
    Date.now() < limit &&
    !signal.aborted
  ) {
    await pause(50, signal);
  }
}

const streamOf = ({ idPrefix }: Session): Iterable<Submission> =>
  submissions({ idPrefix, seed: randomInt(2 ** 32), now: () => new Date().toISOString() });

function* first<T>(count: number, items: Iterable<T>): Generator<T, void, undefined> {
  let number = 0;
  for (const item of items) {
    if (number++ >= count) return;
    yield item;
  }
}

async function sendOne(
  session: Session,
  { kind, orderId, records }: Submission,
  signal: AbortSignal,
): Promise<void> {
  await Promise.all(records.map(record => session.publisher.publish(record)));
  if (kind === 'cancelledAtOnce') await cancelWhileOpen(session, orderId, signal);
  if (kind === 'cancelledInPicking') await cancelInPicking(session, orderId, signal);
}
