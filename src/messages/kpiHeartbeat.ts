/** What a process that publishes KPI events says of itself every few seconds. */
import { z } from 'zod';
import { text, timestamp } from './fields';
import type { TopicMessage } from './message';

const kpiVersion = z
  .string()
  .max(81)
  .regex(
    /^[a-z0-9]+(-[a-z0-9]+)*@[1-9][0-9]{0,15}$/,
    'must be a KPI and version, such as revenue@1',
  )
  .describe('The name of a KPI, @, and the version.');

const schema = z.object({
  producer: text(64).describe('The role of the process, order-worker for example.'),
  instance: text(200).describe('Name of the process among those of its role.'),
  startedAt: timestamp.describe(
    'When this life of the process began, RFC 3339; tells it from an earlier one of the same name.',
  ),
  sequence: z.int().min(1).describe('Counts the heartbeats of this life, from 1.'),
  sentAt: timestamp.describe('When it was sent, RFC 3339.'),
  settledAt: timestamp.describe(
    'Every event captured before this time, RFC 3339, is acknowledged or counted as dropped.',
  ),
  leaseSeconds: z
    .int()
    .min(1)
    .max(3_600)
    .describe('A process not heard of for so long counts as gone.'),
  dropped: z
    .int()
    .min(0)
    .describe('Events lost so far in this life; the reconciliation finds them.'),
  goodbye: z.boolean().describe('Whether it is the last one: the process has drained and ends.'),
  acknowledged: z
    .array(
      z
        .object({
          topic: text(249).describe('Topic of a KPI.'),
          partition: z.int().min(0).describe('Partition of the topic.'),
          offset: z.int().min(0).describe('Offset of the newest event acknowledged there.'),
        })
        .describe('How far one partition was written.'),
    )
    .describe('Each partition to which this life has written.'),
  kpis: z
    .array(kpiVersion)
    .max(10_000)
    .optional()
    .describe(
      'Each version of a KPI for which this life captures events; it vouches for no other. Absent: it vouches for all.',
    ),
});

export type KpiHeartbeat = z.output<typeof schema>;

export const kpiHeartbeat: TopicMessage<typeof schema> = {
  type: 'KpiHeartbeat',
  topic: 'KpiHeartbeat',
  version: 1,
  title: 'KPI heartbeat',
  description:
    'A process that publishes KPI events is alive, for which KPIs, and how far its events have come. A window of a KPI is complete once the ledger has counted up to the heartbeats that follow it.',
  schema,
  example: {
    producer: 'order-worker',
    instance: 'worker-7-1',
    startedAt: '2026-01-31T09:00:00.000Z',
    sequence: 361,
    sentAt: '2026-01-31T09:30:00.000Z',
    settledAt: '2026-01-31T09:29:59.950Z',
    leaseSeconds: 20,
    dropped: 0,
    goodbye: false,
    acknowledged: [{ topic: 'OrderLatency', partition: 3, offset: 1041 }],
    kpis: ['order-latency@1'],
  },
  key: data => `${data.producer}/${data.instance}`,
};
