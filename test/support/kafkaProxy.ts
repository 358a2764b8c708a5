/**
 * A TCP proxy in front of the test broker that breaks connections the way networks do, and counts what
 * passes. kafkajs connects to the address that the broker advertises, so a client is led through the
 * proxy by its socket factory.
 */
import { connect, createServer, type Socket } from 'node:net';
import type { ISocketFactory, KafkaConfig } from 'kafkajs';
import { testServers } from './servers';

/** Kafka's numbers of requests (https://kafka.apache.org/protocol#protocol_api_keys). */
export const apiKeys = { produce: 0, fetch: 1, heartbeat: 12, initProducerId: 22 } as const;

interface Link {
  readonly client: Socket;
  readonly broker: Socket;
  /** Produce requests without an answer yet, by their correlation id, and whether it will be lost. */
  readonly produceUnderWay: Map<number, boolean>;
}

export class KafkaProxy {
  /** Requests that passed, by their API key. */
  readonly requests = new Map<number, number>();
  /** Produce requests that were under way at once, at most. */
  produceAtOnce = 0;
  /** Answers to produce requests that were lost on the way back. */
  answersLost = 0;
  /** While true, no connection is accepted: the broker is away. */
  refusing = false;
  /** Connections that were accepted. */
  accepted = 0;
  /** Connections that were not. */
  refused = 0;
  /** Decides, for the n-th produce request (from 1), whether its answer is lost. */
  losesAnswer: (produceRequest: number) => boolean = () => false;
  /** An error code that the next answer to a produce request of one partition carries. */
  forgedError: number | undefined;
  private readonly links = new Set<Link>();
  private readonly server = createServer(client => this.accept(client));

  static async start(): Promise<KafkaProxy> {
    const proxy = new KafkaProxy();
    await new Promise<void>(resolve => proxy.server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  /** What leads a client through this proxy. */
  get route(): Pick<KafkaConfig, 'socketFactory'> {
    const socketFactory: ISocketFactory = ({ onConnect }) => {
      const address = this.server.address();
      if (address === null || typeof address === 'string') throw new Error('the proxy is closed');
      return connect({ host: '127.0.0.1', port: address.port }, onConnect);
    };
    return { socketFactory };
  }

  /** Connections that are open now. */
  get connections(): number {
    return this.links.size;
  }

  count(apiKey: number): number {
    return this.requests.get(apiKey) ?? 0;
  }

  /** Cuts every connection. */
  cut(): void {
    for (const link of [...this.links]) this.drop(link);
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise(resolve => this.server.close(resolve));
  }

  private accept(client: Socket): void {
    if (this.refusing) {
      this.refused++;
      client.destroy();
      return;
    }
    const [host, port] = testServers().kafkaBrokers[0]!.split(':');
    const broker = connect({ host, port: Number(port) });
    const link: Link = { client, broker, produceUnderWay: new Map() };
    this.accepted++;
    this.links.add(link);
    const toBroker = frames(frame => this.onRequest(frame, link));
    const toClient = frames(frame => this.onAnswer(frame, link));
    link.client.on('data', toBroker);
    link.broker.on('data', toClient);
    for (const socket of [link.client, link.broker]) {
      socket.on('close', () => this.drop(link));
      socket.on('error', () => this.drop(link));
    }
  }

  private onRequest(frame: Buffer, link: Link): void {
    const apiKey = frame.readInt16BE(4);
    this.requests.set(apiKey, this.count(apiKey) + 1);
    if (apiKey === apiKeys.produce) {
      link.produceUnderWay.set(frame.readInt32BE(8), this.losesAnswer(this.count(apiKey)));
      const underWay = [...this.links].reduce((sum, each) => sum + each.produceUnderWay.size, 0);
      this.produceAtOnce = Math.max(this.produceAtOnce, underWay);
    }
    link.broker.write(frame);
  }

  private onAnswer(frame: Buffer, link: Link): void {
    const correlation = frame.readInt32BE(4);
    const isLost = link.produceUnderWay.get(correlation);
    link.produceUnderWay.delete(correlation);
    if (isLost) {
      this.answersLost++;
      this.drop(link);
      return;
    }
    if (isLost !== undefined && this.forgedError !== undefined) {
      // length 4, correlation 4, topics 4, name 2 + n, partitions 4, partition 4, error code 2
      frame.writeInt16BE(this.forgedError, 22 + frame.readInt16BE(12));
      this.forgedError = undefined;
    }
    link.client.write(frame);
  }

  private drop(link: Link): void {
    if (!this.links.delete(link)) return;
    link.client.destroy();
    link.broker.destroy();
  }
}

/** Cuts a stream into Kafka's frames: a length of four bytes, and as many bytes. */
function frames(onFrame: (frame: Buffer) => void): (chunk: Buffer) => void {
  let pending: Buffer = Buffer.alloc(0);
  return chunk => {
    pending = Buffer.concat([pending, chunk]);
    while (pending.length >= 4 && pending.length >= 4 + pending.readInt32BE(0)) {
      const end = 4 + pending.readInt32BE(0);
      const frame = pending.subarray(0, end);
      pending = pending.subarray(end);
      onFrame(frame);
    }
  };
}
