import type { Config } from '../../config';
import { createLogger, type Logger } from '../../telemetry';

/** Commands answer for themselves, so what the libraries log is shown only where LOG_LEVEL asks for it. */
export function commandLogger(config: Config): Logger {
  const level = process.env.LOG_LEVEL ? config.LOG_LEVEL : 'silent';
  return createLogger({ ...config, LOG_LEVEL: level }, 'cli');
}
