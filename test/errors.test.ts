import { readFileSync } from 'node:fs';
import { errorCatalogue, messageOf, OrderlyError } from '../src/errors';

/** `| code | what | next | who |` */
const documented = readFileSync('docs/errors.md', 'utf8')
  .split('\n')
  .filter(line => /^\| `\w+` \|/.test(line))
  .map(line => line.slice(2, -2).split(' | '));

describe('docs/errors.md', () => {
  it('lists every code of the catalogue, in its order and words, and none besides', () => {
    expect(documented.map(([code, what, next]) => [code, what, next])).toEqual(
      Object.entries(errorCatalogue).map(([code, { what, next }]) => [`\`${code}\``, what, next]),
    );
  });

  it('says of each whether to wait or to correct something', () => {
    expect(documented.map(([code, , , kind]) => [code, kind])).toEqual(
      Object.entries(errorCatalogue).map(([code, entry]) => [
        `\`${code}\``,
        entry.transient ? 'passes by itself' : entry.usage ? 'wrong input' : 'needs a decision',
      ]),
    );
  });
});

describe('An error of the catalogue', () => {
  it('says what happened and what to do next, with its parameters filled in', () => {
    const error = new OrderlyError('OrderDecided', { orderId: 'A-1', status: 'confirmed' });
    expect(error.message).toBe('Order A-1 is already confirmed.');
    expect(error.next).toBe(
      'Only an order that has not ended, and of which nothing is packed, can be cancelled or changed.',
    );
    expect(error).toMatchObject({ code: 'OrderDecided', transient: false, usage: false });
  });

  it('knows whether waiting helps', () => {
    const away = new OrderlyError('KafkaUnavailable', { brokers: 'a:1', detail: 'refused' });
    expect(away.transient).toBe(true);
  });

  it('leaves a parameter that is not given visible', () => {
    expect(new OrderlyError('OrderUnknown').message).toBe('There is no order {orderId}.');
  });
});

describe('messageOf', () => {
  it.each([
    [new Error('lost'), 'lost'],
    ['a text', 'a text'],
    [new AggregateError([new Error('a'), new Error('b')]), 'a; b'],
  ])('reads %p', (thrown, message) => {
    expect(messageOf(thrown)).toBe(message);
  });
});
