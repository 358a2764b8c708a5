/** A ledger without Kafka: takes events and heartbeats as they would come, and is read as always. */
import { Registry } from 'prom-client';
import { encode } from '../../src/kafka/cloudEvents';
import type { Catalogue } from '../../src/kpi/catalogue';
import type { Ledger } from '../../src/ledger/counted';
import { createHeartbeats } from '../../src/ledger/heartbeats';
import { createLedger } from '../../src/ledger/ledger';
import { createLedgerMetrics } from '../../src/ledger/metrics';
import { type KpiHeartbeat, kpiHeartbeat } from '../../src/messages/kpiHeartbeat';
import type { TestDatabase } from '../support/database';
import { quiet } from '../support/kafka';
import { asIncoming, eventRecord, type TestEvent } from './events';

export const graceMs = 30_000;

/** An event, and when its record was published; by default when it happened. */
export interface PublishedEvent extends TestEvent {
  readonly publishedAt?: number;
}

export function station({ pool }: Pick<TestDatabase, 'pool'>, catalogue: Catalogue) {
  const publisher = { publish: async () => ({ partition: 0, offset: '0' }) };
  const count = createLedger({
    pool,
    catalogue,
    publisher,
    group: 'ledger',
    // Tests tell of any time, and nothing is too old for them.
    keepDays: 100_000,
    graceSeconds: graceMs / 1_000,
    metrics: createLedgerMetrics(new Registry()),
    logger: quiet,
    signal: new AbortController().signal,
  });
  const hear = createHeartbeats({
    pool,
    // Other tests write to the topic, too.
    refuse: async () => {},
  });
  let offset = 0;
  const ledger: Ledger = { pool, catalogue, graceMs };
  return {
    ledger,
    handleEvent: count,
    handleHeartbeat: hear,
    /** The offset of the newest event, as a producer would know it. */
    newestOffset: () => offset - 1,
    /** @param changes what differs from an event of `testKpi` */
    async publish(
      kpi: string,
      events: readonly PublishedEvent[],
      changes: Readonly<Record<string, unknown>> = {},
    ): Promise<void> {
      await Promise.all(
        events.map(event => {
          const place = { offset: String(offset++), timestamp: event.publishedAt ?? event.at };
          return count(asIncoming(eventRecord({ name: kpi }, event, changes), place));
        }),
      );
    },
    /** @param changes what differs from one that has written nothing, and does not tell what it knows */
    async beat(changes: Partial<KpiHeartbeat>): Promise<void> {
      const { kpis: _, ...example } = kpiHeartbeat.example;
      const data: KpiHeartbeat = { ...example, acknowledged: [], ...changes };
      const record = encode({
        type: kpiHeartbeat.type,
        id: 'b',
        key: kpiHeartbeat.key(data),
        data,
      });
      await hear(asIncoming({ topic: kpiHeartbeat.topic, ...record }));
    },
  };
}

/** One heartbeat of a process that has been there from one time to another, and has nothing under way. */
export const present = (producer: string, from: number, until: number): Partial<KpiHeartbeat> => ({
  producer,
  instance: `${producer}-of-the-test`,
  startedAt: new Date(from).toISOString(),
  sequence: until,
  sentAt: new Date(until).toISOString(),
  settledAt: new Date(until).toISOString(),
});
