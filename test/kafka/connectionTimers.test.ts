import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { Kafka, logLevel, type Producer } from 'kafkajs';
import { createTopic, testKafka } from '../support/kafka';

const producers: Producer[] = [];
let timers: jest.SpiedFunction<typeof setTimeout>;

async function connect(maxInFlightRequests?: number): Promise<Producer> {
  const producer = testKafka().producer({ maxInFlightRequests });
  producers.push(producer);
  await producer.connect();
  return producer;
}

beforeEach(() => {
  timers = jest.spyOn(globalThis, 'setTimeout');
});
afterEach(async () => {
  timers.mockRestore();
  await Promise.all(producers.splice(0).map(producer => producer.disconnect()));
});

/** The client's own mark: it subtracts the time from "throttled until -1". */
const alarms = () => timers.mock.calls.filter(([, delay]) => delay !== undefined && delay < 0);

describe('a connection of kafkajs', () => {
  it('sets no endless 1 ms timer while nothing waits to be sent', async () => {
    const producer = await connect();
    const topic = await createTopic(1);
    await producer.send({ topic, messages: [{ value: 'one' }] });
    expect(timers).toHaveBeenCalled();
    expect(alarms()).toEqual([]);
  });

  it('still sends what had to wait for requests in flight', async () => {
    const topic = await createTopic(1);
    const producer = await connect(1);
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => producer.send({ topic, messages: [{ value: `${i}` }] })),
    );
    const offsets = answers.map(([answer]) => Number(answer?.baseOffset));
    expect(new Set(offsets).size).toBe(20);
  });

  it('wakes once a second for requests that may have timed out', async () => {
    const intervals = jest.spyOn(globalThis, 'setInterval');
    await connect();
    const delays = intervals.mock.calls.map(([, delay]) => delay);
    intervals.mockRestore();
    expect(new Set(delays)).toEqual(new Set([1_000]));
  });

  it('gives up a request that the broker does not answer', async () => {
    const silent = createServer(socket => void sockets.push(socket.resume())).listen(
      0,
      '127.0.0.1',
    );
    const sockets: Socket[] = [];
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const client = new Kafka({
      brokers: [`127.0.0.1:${port}`],
      ...{ requestTimeout: 100, retry: { retries: 0 }, logLevel: logLevel.NOTHING },
    });
    await expect(client.producer().connect()).rejects.toThrow(/timed out/);
    for (const socket of sockets) socket.destroy();
    silent.close();
  });
});
