/** The JSON Schema of a definition: completion and errors in an editor, before anything is run. */
import { z } from 'zod';
import { definitionShape } from './definition';

/** Its file under schemas/; the first line of each definition names it. */
export const definitionSchemaFile = 'KpiDefinition.v1.json';

/**
 * Draft 2020-12. It knows the shape; whether the parts agree (fields that the occurrence has, thresholds
 * beyond the target) is what loading a definition tells.
 */
export function definitionJsonSchema(): z.core.JSONSchema.BaseSchema {
  const { $schema, ...schema } = z.toJSONSchema(definitionShape, { io: 'input' });
  return {
    $schema,
    $id: 'urn:orderly:schema:KpiDefinition:1',
    title: 'KPI definition',
    description: 'One version of one KPI: a YAML file under kpis/.',
    ...schema,
  };
}
