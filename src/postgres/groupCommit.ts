/** Group commit: concurrent calls share one transaction, and one bad call spoils none of the others. */
import { Batcher } from '../batcher';
import { OrderlyError } from '../errors';

/** Measured: one lane of large batches beats two on spread and hot products alike (bench/reservations.ts). */
const maxItems = 200;
const lanes = 1;

/**
 * Turns a function over a batch into one over a single item. `runBatch` answers in the order of the items,
 * and does its batch in one transaction, or may be repeated. Where it fails for a reason that waiting does
 * not mend, every item is run again by itself, so that only the bad ones fail.
 */
export function groupCommit<In, Out>(
  runBatch: (items: readonly In[]) => Promise<readonly Out[]>,
): (item: In) => Promise<Out> {
  const batcher = new Batcher<In, PromiseSettledResult<Out>>({
    run: items => settleBatch(runBatch, items),
    maxItems,
    lanes,
  });
  return async item => {
    const settled = await batcher.add(item);
    if (settled.status === 'rejected') throw settled.reason;
    return settled.value;
  };
}

async function settleBatch<In, Out>(
  runBatch: (items: readonly In[]) => Promise<readonly Out[]>,
  items: readonly In[],
): Promise<PromiseSettledResult<Out>[]> {
  try {
    return (await runBatch(items)).map(value => ({ status: 'fulfilled', value }));
  } catch (thrown) {
    if (items.length === 1 || (thrown instanceof OrderlyError && thrown.transient)) throw thrown;
  }
  const settled: PromiseSettledResult<Out>[] = [];
  for (const item of items) {
    settled.push(...(await Promise.allSettled([runBatch([item]).then(first)])));
  }
  return settled;
}

const first = <Out>(answers: readonly Out[]): Out => answers[0] as Out;
