/** One observation of one KPI. */
import { z } from 'zod';
import { text, timestamp } from './fields';
import type { Message } from './message';

/** The dimensions that every event has. */
const alwaysThere = ['deployment', 'synthetic'] as const;

const schema = z.object({
  kpi: z
    .string()
    .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'must be lower-case words joined by hyphens')
    .max(64)
    .describe('Name of the KPI; kpis/ holds its definition.'),
  version: z.int().min(1).describe('Version of the definition that was in force.'),
  metric: text(64).describe('What the value measures.'),
  value: z.number().describe('The observation, in the unit named.'),
  unit: text(32).describe('Unit of the value.'),
  timestamp: timestamp.describe('When what was observed happened, RFC 3339.'),
  metadata: z
    .array(
      z
        .object({
          name: text(64).describe('Name of the dimension.'),
          value: z
            .union([text(256), z.number(), z.boolean()])
            .describe('Its value; no personal data.'),
        })
        .describe('One dimension of the observation.'),
    )
    .max(32)
    .refine(
      dimensions =>
        alwaysThere.every(name => dimensions.some(dimension => dimension.name === name)),
      `must hold ${alwaysThere.join(' and ')}`,
    )
    .meta({
      allOf: alwaysThere.map(name => ({
        contains: { properties: { name: { const: name } }, required: ['name'] },
      })),
    })
    .describe(
      'The dimensions: always deployment and synthetic, and those that the definition keeps; names and values of these, as one JSON object, take at most 2,000 bytes.',
    ),
});

export type KpiEvent = z.output<typeof schema>;

/** The topic of a KPI: the PascalCase of its name, `InventoryErrors` for `inventory-errors`. */
export function kpiTopic(name: string): string {
  let topic = topics.get(name);
  if (topic === undefined) {
    topic = name.replace(/(?:^|-)([a-z0-9])/g, (_, first: string) => first.toUpperCase());
    topics.set(name, topic);
  }
  return topic;
}

/** Of every definition's name: it is asked for with each event. */
const topics = new Map<string, string>();

export const kpiEvent: Message<typeof schema> = {
  type: 'KpiEvent',
  version: 1,
  title: 'KPI event',
  description:
    'One observation of one KPI. Its event id is derived from what was observed, so that the same observation counts once. Each KPI has a topic of its own.',
  schema,
  example: {
    kpi: 'order-latency',
    version: 1,
    metric: 'order_latency',
    value: 0.125,
    unit: 'seconds',
    timestamp: '2026-01-31T09:30:02.125Z',
    metadata: [
      { name: 'deployment', value: '0.1.0' },
      { name: 'synthetic', value: false },
      { name: 'outcome', value: 'confirmed' },
    ],
  },
};
