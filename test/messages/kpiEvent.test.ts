import { kpiEvent } from '../../src/messages/kpiEvent';
import { faultOf } from '../../src/messages/message';
import { jsonSchemaValidator } from '../support/jsonSchemaValidator';

const { schema, example } = kpiEvent;
const validate = jsonSchemaValidator(kpiEvent);

describe('a KPI event', () => {
  it.each(['deployment', 'synthetic'])('always says its %s', name => {
    const metadata = example.metadata.filter(dimension => dimension.name !== name);
    const { error } = schema.safeParse({ ...example, metadata });
    expect(faultOf(error!)).toEqual({
      path: 'metadata',
      detail: 'must hold deployment and synthetic',
    });
    expect(validate({ ...example, metadata })).toBe(false);
  });

  it.each<[string, object]>([
    ['a value that is no number', { value: Number.NaN }],
    ['an infinite value', { value: Number.POSITIVE_INFINITY }],
    ['a name that makes no topic', { kpi: 'Order Latency' }],
    ['a version before the first', { version: 0 }],
    ['a timestamp in milliseconds', { timestamp: 1_769_851_800_000 }],
    [
      'more than 32 dimensions',
      { metadata: [...example.metadata, ...Array(30).fill(example.metadata[0])] },
    ],
  ])('has not %s', (_, change) => {
    expect(schema.safeParse({ ...example, ...change }).success).toBe(false);
  });
});
