import type { Kafka, ProducerBatch } from 'kafkajs';
import { toMessage } from '../../src/kafka/outgoing';
import { Sender } from '../../src/kafka/sender';
import { quiet } from '../support/kafka';

/** A client whose sends answer as scripted: what one real broker can not be made to do. */
function scriptedKafka(send: (texts: readonly string[], call: number) => unknown) {
  const sent: string[][] = [];
  let producers = 0;
  const sendBatch = async ({ topicMessages = [] }: ProducerBatch) => {
    const messages = topicMessages.flatMap(each => each.messages);
    const texts = messages.map(({ value }) => String(value));
    for (const message of messages) message.partition ??= Number(message.key);
    sent.push(texts);
    return send(texts, sent.length);
  };
  const producer = () => {
    producers++;
    return { connect: async () => {}, disconnect: async () => {}, sendBatch };
  };
  return { kafka: { producer } as unknown as Kafka, sent, producers: () => producers };
}

const record = (text: string, partition: number) =>
  toMessage({ topic: 'orders', key: `${partition}`, value: text }, 0);
const answer = (partition: number, baseOffset: string) => ({
  topicName: 'orders',
  partition,
  errorCode: 0,
  baseOffset,
});

describe('Sender', () => {
  test('sends again what has no answer: kafkajs leaves out a partition whose leader moved in mid-send', async () => {
    const { kafka, sent } = scriptedKafka((_, call) =>
      call === 1 ? [answer(0, '10')] : [answer(1, '20')],
    );
    const outcomes = await new Sender(kafka, quiet).send([
      record('a', 0),
      record('b', 1),
      record('c', 0),
      record('d', 1),
    ]);
    expect(sent).toEqual([
      ['a', 'b', 'c', 'd'],
      ['b', 'd'],
    ]);
    expect(outcomes).toEqual([
      { position: { partition: 0, offset: '10' } },
      { position: { partition: 1, offset: '20' } },
      { position: { partition: 0, offset: '11' } },
      { position: { partition: 1, offset: '21' } },
    ]);
  });

  test('takes a slip inside the client for a passing one, unless it comes back', async () => {
    const passing = scriptedKafka((_, call) => {
      if (call === 1) throw new TypeError('seedBroker is undefined');
      return [answer(0, '0')];
    });
    const sent = await new Sender(passing.kafka, quiet).send([record('a', 0)]);
    expect(sent).toEqual([{ position: { partition: 0, offset: '0' } }]);

    const lasting = scriptedKafka(texts => {
      if (texts.includes('poison')) throw new TypeError('can not be encoded');
      return [answer(0, '0')];
    });
    const mixed = await new Sender(lasting.kafka, quiet).send([
      record('poison', 0),
      record('a', 0),
    ]);
    expect(mixed[0]).toMatchObject({ refusal: { code: 'RecordRefused' } });
    expect(mixed[1]).toEqual({ position: { partition: 0, offset: '0' } });
  });

  test('replaces the producer after any failure', async () => {
    const { kafka, producers } = scriptedKafka((_, call) => {
      if (call <= 2) throw new Error('away');
      return [answer(0, '0')];
    });
    await new Sender(kafka, quiet).send([record('a', 0)]);
    expect(producers()).toBe(3);
  });
});
