/** One set-up of logs and metrics for every process. */
import pino, { type Logger } from 'pino';
import { Registry } from 'prom-client';
import type { Config } from './config';

export type { Logger };

export interface Telemetry {
  /** JSON lines on standard error; standard output belongs to what a command answers. */
  readonly logger: Logger;
  /** Where a role registers its metrics. */
  readonly metrics: Registry;
}

/** A registry whose metrics say which role and deployment they are of. */
export function createMetrics(config: Config, role: string): Registry {
  const metrics = new Registry();
  metrics.setDefaultLabels({ role, deployment: config.DEPLOYMENT_VERSION });
  return metrics;
}

/** The trace id of a W3C trace context, by which log lines name the trace. */
export const traceIdOf = (traceparent: string | undefined): string | undefined =>
  traceparent?.split('-')[1];

export function createLogger(config: Config, role: string): Logger {
  return pino(
    {
      level: config.LOG_LEVEL,
      base: { role, instance: config.SERVICE_INSTANCE, deployment: config.DEPLOYMENT_VERSION },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: label => ({ level: label }) },
    },
    pino.destination({ fd: 2, sync: true }),
  );
}
