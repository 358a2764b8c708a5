/** What the commands have in common that read Temporal's record. */
import { readConfig } from '../../config';
import { OrderlyError } from '../../errors';
import { readKpiCatalogue } from '../../kpiCatalogue';
import type { Span } from '../../watcher/closedRuns';
import { createPassOptions, type PassOptions } from '../../watcher/passes';
import { commandKafka, withPublisher } from '../servers/kafka';
import { withDatabase } from '../servers/postgres';
import { withTemporal } from '../servers/temporal';
import { waitingFor } from '../terminal/waiting';
import { refuseUnlessBegun } from './period';

const hourMs = 3_600_000;

/** Milliseconds since the epoch. */
export interface SpanOptions {
  readonly from?: number;
  readonly to?: number;
}

/** The hour before its end, or before now, where no begin is given. @throws OrderlyError UsageInvalid */
export function spanOf({ from, to: end }: SpanOptions, now: number): Span {
  const to = end ?? now;
  const span = { from: from ?? Math.min(to, now) - hourMs, to };
  refuseUnlessBegun(span.from, span.to, now);
  return span;
}

/** Runs `work` with all that it needs; its `onProgress` throws where the command is to stop. */
export function withPasses<T>(
  signal: AbortSignal,
  work: (passes: PassOptions, onProgress: () => void) => Promise<T>,
): Promise<T> {
  const config = readConfig();
  const catalogue = readKpiCatalogue();
  const kafka = commandKafka(config);
  return withDatabase(config, pool =>
    withTemporal(config, ({ client }) =>
      withPublisher(config, publisher => {
        const passes = createPassOptions(config, { client, kafka, pool, catalogue, publisher });
        const untilCounted = () =>
          waitingFor('a ledger to count all that is published', passes.untilCounted);
        return work({ ...passes, untilCounted }, () => {
          if (signal.aborted) throw new OrderlyError('Interrupted');
        });
      }),
    ),
  );
}
