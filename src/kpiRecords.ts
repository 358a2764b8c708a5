/** The one way from an occurrence to what goes to Kafka, for the interceptors and for the intake. */
import { encode } from './kafka/cloudEvents';
import type { OutgoingRecord } from './kafka/record';
import type { Catalogue } from './kpi/catalogue';
import { derive } from './kpi/derive';
import type { Occurrence } from './kpi/occurrence';
import { kpiEvent, kpiTopic } from './messages/kpiEvent';

/**
 * The records of all KPI events that follow from an occurrence, each for its KPI's topic. The key is the
 * order id where there is one, so that what is known of an order stays in order.
 */
export function kpiRecords(
  catalogue: Catalogue,
  occurrence: Occurrence,
  deployment: string,
): OutgoingRecord[] {
  const { traceparent } = occurrence;
  const orderId = occurrence.workflowId?.match(/^order-(.+)$/)?.[1];
  return derive(catalogue, occurrence, deployment).map(({ id, data }) => ({
    topic: kpiTopic(data.kpi),
    ...encode({
      type: kpiEvent.type,
      id,
      key: orderId ?? id,
      data,
      time: data.timestamp,
      ...(traceparent !== undefined && { traceparent }),
    }),
  }));
}
