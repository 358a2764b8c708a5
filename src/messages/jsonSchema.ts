/** The JSON Schema of a message, for those who write or read it in another language. */
import { z } from 'zod';
import { type Message, schemaUrn } from './message';

/** A JSON Schema of draft 2020-12. */
export type JsonSchema = z.core.JSONSchema.BaseSchema;

/**
 * The schema of a message's data. It accepts what the zod schema accepts, unknown fields included; what
 * JSON Schema can not say (that the lines add up to a number that is exact) is in a description.
 */
export function jsonSchemaOf(message: Message): JsonSchema {
  const { $schema, ...schema } = z.toJSONSchema(message.schema, { io: 'input' });
  const { title, description, example } = message;
  return { $schema, $id: schemaUrn(message), title, description, ...schema, examples: [example] };
}

/** The file of a message's schema under schemas/. */
export const schemaFileName = ({ type, version }: Pick<Message, 'type' | 'version'>): string =>
  `${type}.v${version}.json`;
