import { describeEvent, describeFigures } from '../../../src/cli/kpi/describe';
import { SlidingWindow } from '../../../src/cli/kpi/figures';
import { readKpiCatalogue } from '../../../src/kpiCatalogue';
import { kpiEvent } from '../../../src/messages/kpiEvent';

const now = Date.parse('2026-06-01T12:00:00Z');
const catalogue = readKpiCatalogue();

const figuresOf = (kpi: string, values: readonly number[]) => {
  const window = new SlidingWindow(60_000);
  for (const [number, value] of values.entries()) window.add({ id: `${number}`, at: now, value });
  return describeFigures(catalogue.inForce(kpi, now)!, window, now);
};

describe('KPI figures as lines', () => {
  it('count errors by the minute', () => {
    expect(figuresOf('inventory-errors', [1, 1, 1])).toBe(
      '== inventory-errors: 3 errors in the last minute',
    );
  });

  it('give latency by average, p95 and maximum', () => {
    expect(figuresOf('order-latency', [0.1, 0.2, 0.3])).toBe(
      '== order-latency: average 0.2, p95 0.3, maximum 0.3 seconds of 3 events',
    );
  });

  it('give a share of the events that count for or against it', () => {
    expect(figuresOf('order-success', [1, 1, 0, 1])).toBe('== order-success: 75 % of 4 events');
  });

  it('say so where there are no events', () => {
    expect(figuresOf('order-latency', [])).toBe('== order-latency: no events');
  });

  it('print an event with its time, value, unit and dimensions', () => {
    expect(describeEvent(kpiEvent.example)).toBe(
      '2026-01-31T09:30:02.125Z order-latency 0.125 seconds deployment=0.1.0 synthetic=false outcome=confirmed',
    );
  });
});
