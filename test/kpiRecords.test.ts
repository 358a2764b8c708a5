import { kpiRecords } from '../src/kpiRecords';
import { attemptFailed, catalogueOf, definitionYaml, orderRefused } from './kpi/samples';

const catalogue = catalogueOf(
  definitionYaml({
    observes: '[{ occurrence: attempt-failed, value: 1 }, { occurrence: order-refused, value: 1 }]',
  }),
);

describe('the records of KPI events', () => {
  it('are CloudEvents under the derived id, with the time and trace of what occurred', () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

    const [record] = kpiRecords(catalogue, { ...attemptFailed, traceparent }, '1');

    expect(record).toMatchObject({
      topic: 'TestErrors',
      headers: {
        ce_id: 'test-errors@1:attempt:order-o1:run-1:1:1',
        ce_type: 'KpiEvent',
        ce_time: '2026-06-01T12:00:00.000Z',
        traceparent,
      },
    });
  });

  it('have the order id as key, or where there is no order the event id', () => {
    const keyOf = (occurrence: Parameters<typeof kpiRecords>[1]) =>
      kpiRecords(catalogue, occurrence, '1')[0]?.key;

    expect(keyOf(attemptFailed)).toBe('o1');
    expect(keyOf({ ...attemptFailed, workflowId: 'sweep' })).toBe(
      'test-errors@1:attempt:order-o1:run-1:1:1',
    );
    expect(keyOf(orderRefused)).toBe('test-errors@1:refused:ab12');
  });
});
