import { Gauge, type Registry } from 'prom-client';
import type { Consumption } from '../kafka/consumer';

/** Shows how far the consumptions of a process are behind, as of their last fetch. */
export function observeConsumption(registry: Registry, ...consumptions: Consumption[]): void {
  new Gauge({
    name: 'orderly_consumer_lag_records',
    help: 'Records of each assigned partition that are not committed as done',
    labelNames: ['topic', 'partition'],
    registers: [registry],
    async collect() {
      const lag = (await Promise.all(consumptions.map(consumption => consumption.lag()))).flat();
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
      this.set(consumptions.reduce((sum, { inFlight }) => sum + inFlight, 0));
    },
  });
}
