/** The vocabulary: what a message is, before it is one message in particular, and what is wrong with it. */
import type { z } from 'zod';

/** A message that crosses Kafka. `Schema` describes its data: the value of the record, as JSON. */
export interface Message<Schema extends z.ZodType = z.ZodType> {
  /** The CloudEvents type. */
  readonly type: string;
  /** Counts up with every change that breaks a reader or a writer; docs/messages.md says when. */
  readonly version: number;
  readonly title: string;
  readonly description: string;
  readonly schema: Schema;
  readonly example: z.output<Schema>;
}

/** A message with one topic of its own. */
export interface TopicMessage<Schema extends z.ZodType = z.ZodType> extends Message<Schema> {
  readonly topic: string;
  /** The key of its record: messages with the same key stay in order, but for events of KPIs. */
  key(data: z.output<Schema>): string;
}

/** Names a message's schema and version; `ce_dataschema` of its events and `$id` of its JSON Schema. */
export const schemaUrn = ({ type, version }: Pick<Message, 'type' | 'version'>): string =>
  `urn:orderly:schema:${type}:${version}`;

/** What is wrong with some data, in one line that holds none of its values. */
export interface Fault {
  /** Where, `products[3].quantity` for example; `the whole` where the data itself is of another kind. */
  readonly path: string;
  readonly detail: string;
}

/** The first fault that a schema found. */
export function faultOf(error: z.core.$ZodError): Fault {
  const [issue] = error.issues;
  if (issue === undefined) throw new TypeError('an error of zod has an issue');
  const detail = issue.message
    .replace(/^Invalid input: /, '')
    .replace(/received undefined$/, 'but it is missing');
  return { path: pathOf(issue.path), detail };
}

const pathOf = (path: readonly PropertyKey[]): string =>
  path.reduce<string>(
    (whole, part) =>
      typeof part === 'number' ? `${whole}[${part}]` : `${whole}${whole && '.'}${String(part)}`,
    '',
  ) || 'the whole';
