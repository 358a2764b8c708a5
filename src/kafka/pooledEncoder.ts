/**
 * kafkajs 2.2.4 writes each record, and each header of a record, into half a kilobyte that it asks the
 * system for. A KPI event has nine headers, so an order came to a hundred such pieces, and the garbage
 * collector had more to do with them than the process with their contents (docs/performance.md). Small
 * buffers come from Node's pool here, and only once there is something to write.
 */
import Encoder from 'kafkajs/src/protocol/encoder';

/** Room for one header. */
const leastBytes = 64;

/** For all clients of this process. What is sent is the same to the last byte. */
export function poolEncoderBuffers(): void {
  // Asked by the constructor alone, once `ensureAvailable` is replaced.
  Encoder.nextPowerOfTwo = () => 0;
  Encoder.prototype.ensureAvailable = function growFromPool(bytes) {
    const needed = this.offset + bytes;
    if (needed <= this.buf.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, this.buf.length * 2, leastBytes));
    this.buf.copy(larger, 0, 0, this.offset);
    this.buf = larger;
  };
}
