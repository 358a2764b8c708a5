import Ajv2020, { type ValidateFunction } from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import { jsonSchemaOf } from '../../src/messages/jsonSchema';
import type { Message } from '../../src/messages/message';

/** Ajv's own reading of a message's JSON Schema, independent of zod. */
export function jsonSchemaValidator(message: Message): ValidateFunction {
  const ajv = new Ajv2020({ strict: true, strictRequired: false, strictTypes: false });
  addFormats(ajv);
  return ajv.compile(jsonSchemaOf(message));
}
