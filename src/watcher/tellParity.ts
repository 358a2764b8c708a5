/**
 * The figures of a saved step as KPI events of their own: `kpi-parity`, in the hour that they are about.
 * What a step came to is saved before it is told, and kept until it is: whoever dies in between, the events
 * that follow are the same, and the ledger counts each once.
 */
import { type Measured, occurrenceId } from '../kpi/occurrence';
import { kpiRecords } from '../kpiRecords';
import { noteTold, readCheckpoint, type UntoldStep } from '../postgres/checkpoint';
import type { Depth } from '../postgres/parity';
import type { ReconcilerOptions } from './reconciler';

const results = ['matched', 'repaired', 'unexplained'] as const;
const source = 'kpi-parity';

/**
 * Publishes what the last step came to, unless that is done.
 * @returns where the next step begins
 * @throws what Kafka and Postgres throw when they are away
 */
export async function tellParity(
  { catalogue, deployment, pool, publisher }: ReconcilerOptions,
  depth: Depth,
): Promise<number> {
  const checkpoint = await readCheckpoint(pool, depth);
  const { comparedUntil, untold } = checkpoint;
  if (untold === null) return comparedUntil;
  const records = occurrencesOf(untold, depth).flatMap(occurrence =>
    kpiRecords(catalogue, occurrence, deployment),
  );
  await Promise.all(records.map(record => publisher.publish(record)));
  await noteTold(pool, depth, checkpoint);
  return comparedUntil;
}

const occurrencesOf = ({ from, to, parity }: UntoldStep, depth: Depth): Measured[] =>
  parity.flatMap(row =>
    results
      .filter(result => row[result] > 0)
      .map(result => {
        const { kpi: subject, occurrence: kind, hour } = row;
        const parts = [depth, from, to, hour, subject, kind, result].map(String);
        return {
          occurrence: 'measured',
          id: occurrenceId.measured(source, ...parts),
          at: hour,
          versionAt: hour,
          synthetic: false,
          source,
          amount: row[result],
          ...{ subject, kind, depth, result },
        };
      }),
  );
