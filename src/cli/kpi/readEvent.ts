import { decode } from '../../kafka/cloudEvents';
import type { IncomingRecord } from '../../kafka/record';
import { type KpiEvent, kpiEvent } from '../../messages/kpiEvent';

/** A KPI event with the id under which it counts once. */
export interface IdentifiedKpiEvent {
  readonly id: string;
  readonly data: KpiEvent;
}

/** The KPI event of a record; undefined for what is none, since anyone can write to a topic. */
export function readKpiEvent(record: IncomingRecord): IdentifiedKpiEvent | undefined {
  try {
    const { event, data } = decode(record, Number.POSITIVE_INFINITY);
    const parsed = kpiEvent.schema.safeParse(data);
    return event !== undefined && parsed.success ? { id: event.id, data: parsed.data } : undefined;
  } catch {
    return undefined;
  }
}
