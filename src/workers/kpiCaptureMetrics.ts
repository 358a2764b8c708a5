import { Counter, Gauge, type Registry } from 'prom-client';
import type { KpiCapture } from '../interceptors/worker/kpiCapture';

/** Shows what became of the KPI events that were captured. */
export function observeKpiCapture(registry: Registry, capture: KpiCapture): void {
  new Counter({
    name: 'orderly_kpi_events_total',
    help: 'KPI events captured, by what became of them',
    labelNames: ['result'],
    registers: [registry],
    collect() {
      const { published, dropped, failed } = capture.counts;
      this.reset();
      this.inc({ result: 'published' }, published);
      this.inc({ result: 'dropped' }, dropped);
      this.inc({ result: 'failed' }, failed);
    },
  });
  new Gauge({
    name: 'orderly_kpi_events_pending',
    help: 'KPI events that Kafka has not acknowledged yet',
    registers: [registry],
    collect() {
      this.set(capture.counts.pending);
    },
  });
}
