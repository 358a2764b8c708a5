/** Parts of kafkajs that it does not export: what is sent of records. */
declare module 'kafkajs/src/protocol/requests/produce' {
  import type { Message } from 'kafkajs';
  import type Encoder from 'kafkajs/src/protocol/encoder';

  export interface ProduceArguments {
    readonly transactionalId?: string | null;
    readonly acks: number;
    readonly timeout: number;
    /** 64 bits, in whatever form; absent for whoever is not idempotent. */
    readonly producerId?: { toString(): string };
    readonly producerEpoch?: number;
    /** The number of a codec; 0 for none. */
    readonly compression?: number;
    readonly topicData: readonly {
      readonly topic: string;
      readonly partitions: readonly {
        readonly partition: number;
        readonly firstSequence?: number;
        readonly messages: readonly Message[];
      }[];
    }[];
  }

  interface Exchange {
    readonly request: { encode(): Promise<Encoder> };
    readonly response: object;
  }

  const produce: {
    protocol(of: { readonly version: number }): (args: ProduceArguments) => Exchange;
  };
  export default produce;
}

declare module 'kafkajs/src/protocol/recordBatch/crc32C' {
  export default function crc32C(bytes: Buffer): number;
}
