/** Parts of kafkajs that it does not export: what reads the answer to a fetch. */
declare module 'kafkajs/src/protocol/requests/fetch/v11/response' {
  const response: { decode(raw: Buffer): Promise<object> };
  export default response;
}

declare module 'kafkajs/src/protocol/messageSet/decoder' {
  import type { KafkaMessage } from 'kafkajs';
  import type Decoder from 'kafkajs/src/protocol/decoder';

  export default function decodeMessageSet(decoder: Decoder, size: number): Promise<KafkaMessage[]>;
}
