/** KPI events for tests of the ledger, of KPIs that no other test has. */
import { randomUUID } from 'node:crypto';
import { encode } from '../../src/kafka/cloudEvents';
import type { IncomingRecord, OutgoingRecord } from '../../src/kafka/record';
import type { Catalogue } from '../../src/kpi/catalogue';
import { kpiEvent, kpiTopic } from '../../src/messages/kpiEvent';
import { catalogueOf, definitionYaml } from '../kpi/samples';

export interface TestKpi {
  readonly name: string;
  readonly topic: string;
  readonly catalogue: Catalogue;
}

/** A KPI with a name of its own; its dimension `failure` may be `unknown`, its `channel` is bounded. */
export function testKpi(changes: Readonly<Record<string, string>> = {}): TestKpi {
  const name = `k${randomUUID().replaceAll('-', '')}`;
  const yaml = definitionYaml({
    name,
    formula: '{ kind: distribution, metric: test_errors, unit: errors }',
    observes:
      '[{ occurrence: attempt-failed, value: attempt }, { occurrence: milestone, value: 1 }]',
    dimensions: '[{ name: failure, bound: 50 }, { name: channel, bound: 3 }]',
    target: '{ statistic: p95, atMost: 1 }',
    ...changes,
  });
  return { name, topic: kpiTopic(name), catalogue: catalogueOf(yaml) };
}

export interface TestEvent {
  readonly id: string;
  readonly at: number;
  readonly value: number;
  readonly failure?: string;
  readonly channel?: string | number;
  readonly synthetic?: boolean;
}

/** The KPI is part of it, so that no two tests have an id in common. */
const eventId = ({ name }: Pick<TestKpi, 'name'>, { id }: Pick<TestEvent, 'id'>): string =>
  `${name}@1:attempt:${id}`;

/** The record that carries the event. */
export function eventRecord(
  kpi: Pick<TestKpi, 'name'>,
  event: TestEvent,
  changes: Readonly<Record<string, unknown>> = {},
): OutgoingRecord {
  const { at, value, failure, channel, synthetic = false } = event;
  const id = eventId(kpi, event);
  const optional = Object.entries({ failure, channel }).flatMap(([dimension, its]) =>
    its === undefined ? [] : [{ name: dimension, value: its }],
  );
  const timestamp = new Date(at).toISOString();
  const data = {
    kpi: kpi.name,
    version: 1,
    metric: 'test_errors',
    value,
    unit: 'errors',
    timestamp,
    metadata: [
      ...optional,
      { name: 'deployment', value: 'test' },
      { name: 'synthetic', value: synthetic },
    ],
    ...changes,
  };
  return {
    topic: kpiTopic(kpi.name),
    ...encode({ type: kpiEvent.type, id, key: id, data, time: timestamp }),
  };
}

/** The same as the consumer hands it over. */
export function asIncoming(
  { topic, key, value, headers = {} }: OutgoingRecord,
  place: Partial<Pick<IncomingRecord, 'offset' | 'partition' | 'timestamp'>> = {},
): IncomingRecord {
  return {
    topic,
    partition: 0,
    offset: '0',
    timestamp: Date.now(),
    ...place,
    key: key === null ? null : Buffer.from(key),
    value: value === null ? null : Buffer.from(value),
    headers: Object.fromEntries(
      Object.entries(headers).map(([header, text]) => [header, Buffer.from(text)]),
    ),
  };
}
