import { Counter, Gauge, type Registry } from 'prom-client';
import type { Consumption } from '../kafka/consumer';

/** What the intake did with the records it read. */
export interface IntakeMetrics {
  /** Counts one record by its result: started, redelivered, or the code of its refusal. */
  count(result: string): void;
}

export function createIntakeMetrics(registry: Registry): IntakeMetrics {
  const records = new Counter({
    name: 'orderly_intake_records_total',
    help: 'Records of OrderReceived by what became of them',
    labelNames: ['result'],
    registers: [registry],
  });
  return { count: result => records.inc({ result }) };
}

/** Shows how far the consumption is behind, as of its last fetch. */
export function observeConsumption(registry: Registry, consumption: Consumption): void {
  new Gauge({
    name: 'orderly_consumer_lag_records',
    help: 'Records of each assigned partition that are not committed as done',
    labelNames: ['topic', 'partition'],
    registers: [registry],
    async collect() {
      const lag = await consumption.lag();
      this.reset();
      for (const { topic, partition, records } of lag) {
        this.set({ topic, partition }, records);
      }
    },
  });
  new Gauge({
    name: 'orderly_consumer_in_flight_records',
    help: 'Records handed to a handler that has not finished',
    registers: [registry],
    collect() {
      this.set(consumption.inFlight);
    },
  });
}
