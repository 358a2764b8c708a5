/** A part of kafkajs that it does not export: what reads answers. */
declare module 'kafkajs/src/protocol/decoder' {
  export default class Decoder {
    constructor(buffer: Buffer);
    readonly buffer: Buffer;
    /** How far it has read. */
    offset: number;
    readVarInt(): number;
    readVarIntBytes(): Buffer | null;
    /** Reads the headers of a record, and nothing else. */
    readVarIntArray(read: (decoder: Decoder) => object): {
      reduce(add: (headers: object, header: object) => object, none: object): object;
    };
  }
}
