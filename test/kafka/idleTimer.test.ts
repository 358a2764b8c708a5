import type { Producer } from 'kafkajs';
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
});
