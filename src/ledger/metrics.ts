import { Counter, Histogram, type Registry } from 'prom-client';

/** What the ledger did with the events it read. */
export interface LedgerMetrics {
  /** @param result counted, replaced, repeated, other, or the code of the refusal */
  count(result: string, events: number): void;
  /** How long after its publication an event was visible, in seconds. */
  visibleAfter(seconds: number): void;
}

export function createLedgerMetrics(registry: Registry): LedgerMetrics {
  const events = new Counter({
    name: 'orderly_ledger_events_total',
    help: 'KPI events by what became of them',
    labelNames: ['result'],
    registers: [registry],
  });
  const delay = new Histogram({
    name: 'orderly_ledger_delay_seconds',
    help: 'Time from the publication of a KPI event until it is counted',
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60, 600],
    registers: [registry],
  });
  return {
    count: (result, number) => events.inc({ result }, number),
    visibleAfter: seconds => delay.observe(seconds),
  };
}
