/** A part of kafkajs that it does not export: what writes requests. */
declare module 'kafkajs/src/protocol/encoder' {
  export default class Encoder {
    static nextPowerOfTwo(value: number): number;
    /** The bytes written so far, and room for more. */
    buf: Buffer;
    offset: number;
    readonly buffer: Buffer;
    ensureAvailable(bytes: number): void;
    writeInt32(value: number): this;
    writeString(value: string | null): this;
    writeVarInt(value: number): this;
    writeVarLong(value: number): this;
    writeVarIntString(value: string | null): this;
    writeVarIntBytes(value: Buffer | string | null): this;
    writeEncoder(value: Encoder): this;
  }
}
