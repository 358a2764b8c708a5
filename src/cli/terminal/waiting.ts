import { note } from './output';

/** Nobody wonders before that. */
const patienceMs = 2_000;

/** Waits for what may take long; says so where it does. @param what "the ledger to count what is published" */
export async function waitingFor<T>(what: string, work: () => Promise<T>): Promise<T> {
  const telling = setTimeout(() => note(`Waiting for ${what} ...`), patienceMs);
  try {
    return await work();
  } finally {
    clearTimeout(telling);
  }
}
