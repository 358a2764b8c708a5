import fc from 'fast-check';
import { byTopic, halves, toMessage, withinBytes } from '../../src/kafka/outgoing';

const sized = fc.array(fc.record({ bytes: fc.integer({ min: 0, max: 2_000 }) }));

describe('withinBytes', () => {
  test('keeps all items in order, each batch within the limit unless one item alone is larger', () => {
    fc.assert(
      fc.property(sized, fc.integer({ min: 1, max: 3_000 }), (items, limit) => {
        const batches = withinBytes(items, limit);
        expect(batches.flat()).toEqual(items);
        for (const batch of batches) {
          const bytes = batch.reduce((sum, item) => sum + item.bytes, 0);
          expect(batch.length === 1 || bytes <= limit).toBe(true);
        }
      }),
    );
  });
});

describe('byTopic', () => {
  test('gathers each topic in order', () => {
    const items = ['a1', 'b1', 'a2', 'b2'].map(name => ({ topic: name[0]!, name }));
    expect(byTopic(items).map(batch => batch.map(({ name }) => name))).toEqual([
      ['a1', 'a2'],
      ['b1', 'b2'],
    ]);
  });
});

describe('halves', () => {
  test('are both smaller than a whole of two or more', () => {
    expect(halves([1, 2, 3])).toEqual([[1, 2], [3]]);
    expect(halves([1, 2])).toEqual([[1], [2]]);
  });
});

describe('toMessage', () => {
  test('takes the time of the call where the record has none', () => {
    expect(toMessage({ topic: 't', key: 'k', value: 'v' }, 5).timestamp).toBe('5');
    expect(toMessage({ topic: 't', key: 'k', value: 'v', timestamp: 3 }, 5).timestamp).toBe('3');
  });

  test('never counts fewer bytes than key, value and headers have', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.string(),
        fc.dictionary(fc.string(), fc.string()),
        (key, value, headers) => {
          const texts = [key, value, ...Object.entries(headers).flat()];
          const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
          expect(toMessage({ topic: 't', key, value, headers }, 0).bytes).toBeGreaterThan(bytes);
        },
      ),
    );
  });
});
