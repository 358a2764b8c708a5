import type { Finding } from '../postgres/findings';
import type { Depth } from '../postgres/parity';
import type { Logger } from '../telemetry';

/** Logs what nobody can explain, a line for each event: somebody has to look at every one. */
export const findingLog =
  (logger: Logger, depth: Depth) =>
  ({ verdict, eventId, kpi, detail }: Finding): void => {
    if (verdict === 'unexplained')
      logger.warn({ eventId, kpi, detail, depth }, 'unexplained event');
  };
