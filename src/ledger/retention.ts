/** Makes tomorrow's partition of the events ahead of time, and drops the days that are too old. */
import type { Pool } from 'pg';
import { messageOf } from '../errors';
import { liveGeneration } from '../postgres/ledger';
import { ensureDays, forgetDays } from '../postgres/ledgerDays';
import type { Logger } from '../telemetry';

export interface RetentionOptions {
  readonly pool: Pool;
  readonly keepDays: number;
  readonly logger: Logger;
}

export interface Retention {
  /** Resolves when nothing is under way any more. */
  stop(): Promise<void>;
}

const everyMs = 3_600_000;
const dayMs = 86_400_000;

/** Begins at once. Every ledger process may run it: what one has done, the others find done. */
export function startRetention(options: RetentionOptions): Retention {
  let underWay = keep(options);
  const timer = setInterval(() => {
    underWay = underWay.then(() => keep(options));
  }, everyMs);
  return {
    async stop() {
      clearInterval(timer);
      await underWay;
    },
  };
}

async function keep({ pool, keepDays, logger }: RetentionOptions): Promise<void> {
  const now = Date.now();
  try {
    const generation = await liveGeneration(pool);
    await ensureDays(pool, generation, [now, now + dayMs]);
    const dropped = await forgetDays(pool, generation, now - keepDays * dayMs);
    if (dropped > 0) logger.info({ days: dropped }, 'old KPI events are dropped');
  } catch (thrown) {
    logger.warn({ detail: messageOf(thrown) }, 'the days of the ledger are seen to later');
  }
}
