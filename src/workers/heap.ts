import { setFlagsFromString } from 'node:v8';

/**
 * Lets the old generation grow to three times what lives in it before it is marked again. V8 counts
 * buffers against it as well, and a process that allocates slowly may by default grow by a third only: at a
 * few orders per second the buffers of Kafka requests alone made it mark its whole heap every four
 * seconds, a twelfth of what an order worker used (docs/performance.md). It costs some 50 MB.
 *
 * Nor is it marked where there is little to do, to give memory back: what works once a minute, as the
 * watcher does, takes it again a minute later.
 */
export function markHeapLessOften(): void {
  setFlagsFromString('--heap-growing-percent=200');
  setFlagsFromString('--no-memory-reducer');
}
