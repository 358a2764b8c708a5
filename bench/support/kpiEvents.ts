/** KPI events as the bench makes them: of one KPI, over 200 slices, the same for the same number. */
import { encode } from '../../src/kafka/cloudEvents';
import { kpiEvent, kpiTopic } from '../../src/messages/kpiEvent';

export const kpi = 'order-latency';

/** Of 2 outcomes, 10 channels and 10 regions. */
const slices = 200;

export interface MadeEvent {
  readonly id: string;
  readonly key: string;
  /** RFC 3339. */
  readonly timestamp: string;
  readonly value: number;
  readonly slice: Readonly<Record<'outcome' | 'channel' | 'region', string>>;
}

/** @param at when it happened, milliseconds since the epoch */
export function eventOf(run: string, n: number, at: number): MadeEvent {
  const series = n % slices;
  return {
    id: `${kpi}@1:milestone:order-${run}-${n}:OrderConfirmed`,
    key: `${run}-${n}`,
    timestamp: new Date(at).toISOString(),
    // Log-normal, as waiting times are.
    value: Number(Math.exp(2 * Math.sin(n * 12.9898)).toFixed(3)),
    slice: {
      outcome: series % 2 === 0 ? 'confirmed' : 'rejected',
      channel: `channel-${Math.floor(series / 2) % 10}`,
      region: `US-${Math.floor(series / 20)}`,
    },
  };
}

export function recordOf({ id, key, timestamp, value, slice }: MadeEvent) {
  const metadata = Object.entries({
    ...slice,
    ...{ deployment: 'bench', synthetic: false, workflowId: `order-${key}` },
  });
  const data = {
    ...{ kpi, version: 1, metric: 'order_latency', value, unit: 'seconds', timestamp },
    metadata: metadata.map(([name, its]) => ({ name, value: its })),
  };
  return {
    topic: kpiTopic(kpi),
    ...encode({ type: kpiEvent.type, id, key, data, time: timestamp }),
  };
}
