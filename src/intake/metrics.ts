import { Counter, type Registry } from 'prom-client';

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
