/** The vocabulary: what a message is, before it is one message in particular. */
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
  /** The key of its record: messages with the same key stay in order. */
  key(data: z.output<Schema>): string;
}

/** Names a message's schema and version; `ce_dataschema` of its events and `$id` of its JSON Schema. */
export const schemaUrn = ({ type, version }: Pick<Message, 'type' | 'version'>): string =>
  `urn:orderly:schema:${type}:${version}`;
