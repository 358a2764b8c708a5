/** The sets of figures: one is live, another may be built beside it. */
import type { Pool } from 'pg';
import { transaction } from './pool';

/** Opens an empty generation beside the live one, with partitions of its own. @returns its number */
export async function openGeneration(pool: Pool): Promise<number> {
  return await transaction(pool, async client => {
    const { rows } = await client.query<{ generation: number }>(
      `INSERT INTO ledger_generations (generation, state)
       SELECT max(generation) + 1, 'building' FROM ledger_generations
       RETURNING generation`,
    );
    const { generation } = rows[0]!;
    const values = `FOR VALUES IN (${generation})`;
    await client.query(
      `CREATE TABLE counted_events_${generation} PARTITION OF counted_events ${values};
       CREATE TABLE kpi_minutes_${generation} PARTITION OF kpi_minutes ${values}
         WITH (fillfactor = 70);
       CREATE TABLE kpi_events_${generation} PARTITION OF kpi_events ${values}
         PARTITION BY RANGE (at);`,
    );
    return generation;
  });
}
