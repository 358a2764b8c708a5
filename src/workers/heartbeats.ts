/** The heartbeats of a process that publishes KPI events. */
import { messageOf } from '../errors';
import { encode } from '../kafka/cloudEvents';
import type { Publisher } from '../kafka/publisher';
import type { Progress } from '../kafka/trackedPublisher';
import type { Producer } from '../kpi/producers';
import { type KpiHeartbeat, kpiHeartbeat } from '../messages/kpiHeartbeat';
import type { Logger } from '../telemetry';

export interface HeartbeatOptions {
  readonly producer: Producer;
  readonly instance: string;
  /** What the process captures events for: its definitions, which it reads once. */
  readonly kpis: readonly string[];
  /** May be the one of the events themselves: heartbeats are few, and queue behind what they tell of. */
  readonly publisher: Pick<Publisher, 'publish'>;
  /** How far the events have come. */
  readonly progress: (now: number) => Progress;
  /** KPI events lost so far. */
  readonly dropped: () => number;
  readonly logger: Logger;
}

export interface Heartbeats {
  /** Says goodbye; the publisher sends it before it stops. To be called when nothing is captured any more. */
  stop(): Promise<void>;
}

const everyMs = 5_000;

/**
 * To the next full five seconds, unless one is less than half as far away. All processes send at the same
 * moments, as far as their clocks agree, and the ledger notes them together.
 */
const untilNextMs = (now: number): number => 1.5 * everyMs - ((now + everyMs / 2) % everyMs);

/** A few heartbeats may be lost or late before a process counts as gone. */
const leaseSeconds = 20;

/** Begins with a heartbeat at once. Nothing waits for any of them, and at most one is under way. */
export function startHeartbeats(options: HeartbeatOptions): Heartbeats {
  const startedAt = Date.now();
  let sequence = 0;
  let underWay = false;

  const send = async (goodbye: boolean): Promise<void> => {
    underWay = true;
    try {
      const data = heartbeatOf(options, { startedAt, sequence: ++sequence, goodbye });
      await options.publisher.publish(recordOf(data));
    } catch (thrown) {
      options.logger.warn({ detail: messageOf(thrown) }, 'a heartbeat was not published');
    } finally {
      underWay = false;
    }
  };

  let timer: NodeJS.Timeout;
  const next = (): void => {
    timer = setTimeout(() => {
      if (!underWay) void send(false);
      next();
    }, untilNextMs(Date.now()));
  };
  void send(false);
  next();
  return {
    async stop() {
      clearTimeout(timer);
      void send(true);
    },
  };
}

interface Beat {
  readonly startedAt: number;
  readonly sequence: number;
  readonly goodbye: boolean;
}

function heartbeatOf(
  { producer, instance, kpis, progress, dropped }: HeartbeatOptions,
  { startedAt, sequence, goodbye }: Beat,
): KpiHeartbeat {
  const now = Date.now();
  const { settledAt, acknowledged } = progress(now);
  return {
    producer,
    instance,
    startedAt: new Date(startedAt).toISOString(),
    sequence,
    sentAt: new Date(now).toISOString(),
    settledAt: new Date(settledAt).toISOString(),
    leaseSeconds,
    dropped: dropped(),
    goodbye,
    acknowledged: [...acknowledged],
    kpis: [...kpis],
  };
}

function recordOf(data: KpiHeartbeat) {
  const key = kpiHeartbeat.key(data);
  const id = `${kpiHeartbeat.type}:${key}@${data.startedAt}:${data.sequence}`;
  return {
    topic: kpiHeartbeat.topic,
    ...encode({ type: kpiHeartbeat.type, id, key, data, time: data.sentAt }),
  };
}
