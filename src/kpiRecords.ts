/** The one way from an occurrence to what goes to Kafka, for the interceptors and for the intake. */
import { encode } from './kafka/cloudEvents';
import type { OutgoingRecord } from './kafka/record';
import type { Catalogue } from './kpi/catalogue';
import { type DerivedEvent, derive } from './kpi/derive';
import type { Occurrence } from './kpi/occurrence';
import { kpiEvent, kpiTopic } from './messages/kpiEvent';

/** The records of all KPI events that follow from an occurrence, each for its KPI's topic. */
export const kpiRecords = (
  catalogue: Catalogue,
  occurrence: Occurrence,
  deployment: string,
): OutgoingRecord[] =>
  derive(catalogue, occurrence, deployment).map(event => kpiRecord(occurrence, event));

/** The record of one of them. The key is the order id where there is one; it says of what, and not where to. */
export function kpiRecord(
  { traceparent, workflowId }: Occurrence,
  { id, data }: DerivedEvent,
): OutgoingRecord {
  const orderId = workflowId?.match(/^order-(.+)$/)?.[1];
  return {
    topic: kpiTopic(data.kpi),
    ...encode({
      type: kpiEvent.type,
      id,
      key: orderId ?? id,
      data,
      time: data.timestamp,
      traceparent,
    }),
  };
}
