/**
 * kafkajs 2.2.4 writes each part of a request into half a kilobyte that it asks the system for, and a fetch has
 * a part for each partition. Here small buffers come from Node's pool, once there is something to write.
 */
import Encoder from 'kafkajs/src/protocol/encoder';

/** Room for what a fetch asks of one partition. */
const leastBytes = 128;

/** For all clients of this process. What is sent is the same to the last byte. */
export function poolEncoderBuffers(): void {
  // Asked by the constructor alone, once `ensureAvailable` is replaced.
  Encoder.nextPowerOfTwo = () => 0;
  Encoder.prototype.ensureAvailable = function (bytes) {
    const needed = this.offset + bytes;
    if (needed <= this.buf.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, this.buf.length * 2, leastBytes));
    this.buf.copy(larger, 0, 0, this.offset);
    this.buf = larger;
  };
}
