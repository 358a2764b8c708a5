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

/** A measure that fails is logged, and tried again a minute later; the others are not held up by it. */
export function startMeasurements(options: MeasurementOptions): { stop(): Promise<void> } {
  let timer: NodeJS.Timeout;
  let stopped = false;
  const atNextMinute = () => {
    const at = (Math.floor(Date.now() / minuteMs) + 1) * minuteMs;
    timer = setTimeout(async () => {
      await Promise.all(options.measures.map(measure => tell(measure, at)));
      if (!stopped) atNextMinute();
    }, at - Date.now());
  };
  const tell = async (measure: Measure, at: number) => {
    try {
      const { catalogue, deployment, publisher } = options;
      const records = (await measure()).flatMap(measurement =>
        kpiRecords(catalogue, occurrenceOf(measurement, at), deployment),
      );
      await Promise.all(records.map(record => publisher.publish(record)));
    } catch (thrown) {
      if (!stopped) options.logger.warn({ detail: messageOf(thrown) }, 'a measurement failed');
    }
  };
  atNextMinute();
  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
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
