/** One set-up of logs and metrics for every process. */
import pino, { type Logger } from 'pino';
import { collectDefaultMetrics, Registry } from 'prom-client';
import type { Config } from './config';

export type { Logger };

export interface Telemetry {
  /** JSON lines on standard error; standard output belongs to what a command answers. */
  readonly logger: Logger;
  /** This process's Prometheus metrics. */
  readonly metrics: Registry;
}

export function createTelemetry(config: Config, role: string): Telemetry {
  const metrics = new Registry();
  metrics.setDefaultLabels({ role, deployment: config.DEPLOYMENT_VERSION });
  collectDefaultMetrics({ register: metrics });
  return { logger: createLogger(config, role), metrics };
}

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
