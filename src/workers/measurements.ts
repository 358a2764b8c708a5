/** What a process measures at the turn of every minute, told as KPI events. */
import { messageOf } from '../errors';
import type { TrackedPublisher } from '../kafka/trackedPublisher';
import type { Catalogue } from '../kpi/catalogue';
import { type Measured, occurrenceId } from '../kpi/occurrence';
import type { Producer } from '../kpi/producers';
import { kpiRecords } from '../kpiRecords';
import type { Logger } from '../telemetry';

export interface Measurement
  extends Pick<Measured, 'source' | 'amount' | 'subject' | 'kind' | 'result'> {
  /** The process, where each tells something of its own; else the first to tell it counts. */
  readonly instance?: string;
}

export type Measure = () => Promise<readonly Measurement[]>;

export interface MeasurementOptions {
  readonly measures: readonly Measure[];
  readonly catalogue: Catalogue;
  /** The one whose progress the process's heartbeats tell: they vouch for what it measures. */
  readonly publisher: TrackedPublisher;
  /** Version of this deployment. */
  readonly deployment: string;
  readonly logger: Pick<Logger, 'warn'>;
}

const minuteMs = 60_000;

/**
 * Each measure has its own turn of every minute, and none waits for Kafka: what was measured while that is
 * away comes later. A measure that fails is logged, and taken up again at the next turn, as one that takes
 * longer than its minute is. What it leaves out is a gap that heartbeats do not tell of, so only a level may
 * be measured in a way that can fail: src/kpi/windows.ts asks for each of its minutes.
 */
export function startMeasurements(options: MeasurementOptions): { stop(): Promise<void> } {
  const { catalogue, deployment, publisher, logger } = options;
  const timers = new Map<Measure, NodeJS.Timeout>();
  let stopped = false;
  const atNextMinute = (measure: Measure) => {
    const at = (Math.floor(Date.now() / minuteMs) + 1) * minuteMs;
    const timer = setTimeout(async () => {
      await tell(measure, at);
      if (!stopped) atNextMinute(measure);
    }, at - Date.now());
    timers.set(measure, timer);
  };
  const tell = async (measure: Measure, at: number) => {
    try {
      for (const measurement of await measure()) {
        for (const record of kpiRecords(catalogue, occurrenceOf(measurement, at), deployment)) {
          publisher.offer(record, { resolve: () => {}, reject: failed });
        }
      }
    } catch (thrown) {
      failed(thrown);
    }
  };
  const failed = (thrown: unknown) => {
    if (!stopped) logger.warn({ detail: messageOf(thrown) }, 'a measurement failed');
  };
  for (const measure of options.measures) atNextMinute(measure);
  return {
    async stop() {
      stopped = true;
      for (const timer of timers.values()) clearTimeout(timer);
    },
  };
}

function occurrenceOf({ instance, ...measurement }: Measurement, at: number): Measured {
  const { source, subject, kind, result } = measurement;
  const which = [subject, kind, result, instance].filter(part => part !== undefined);
  return {
    occurrence: 'measured',
    id: occurrenceId.measured(source, ...which, new Date(at).toISOString()),
    at,
    versionAt: at,
    synthetic: false,
    ...measurement,
  };
}

/** The CPU time that this process has used since it was last asked, in seconds. */
export function computeTime(role: Producer, instance: string): Measure {
  let before = process.cpuUsage();
  return async () => {
    const { user, system } = process.cpuUsage(before);
    before = process.cpuUsage();
    return [{ source: 'compute-time', subject: role, instance, amount: (user + system) / 1e6 }];
  };
}
