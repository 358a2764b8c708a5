import { Counter, type Registry } from 'prom-client';

/** What the intake did with the records it read. */
export interface RecordMetrics {
  /** Counts one record by its result: the code of the error where it was refused. */
  count(result: string): void;
}

/** Records of `OrderReceived`: started, redelivered, or refused. */
export const createIntakeMetrics = (registry: Registry): RecordMetrics =>
  recordMetrics(
    registry,
    'orderly_intake_records_total',
    'Records of OrderReceived by what became of them',
  );

/** Records of partners: done, late, or refused. */
export const createPartnerMetrics = (registry: Registry): RecordMetrics =>
  recordMetrics(
    registry,
    'orderly_partner_records_total',
    'Records of partners by what became of them',
  );

function recordMetrics(registry: Registry, name: string, help: string): RecordMetrics {
  const records = new Counter({ name, help, labelNames: ['result'], registers: [registry] });
  return { count: result => records.inc({ result }) };
}
