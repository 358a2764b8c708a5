/** Reads one definition from YAML, and finds the line of whatever is wrong in it. */
import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { OrderlyError } from '../errors';
import { contradictions } from './contradictions';
import { definitionShape, type KpiDefinition } from './definition';

const kpiDefinition = definitionShape.superRefine((definition, context) => {
  for (const { path, message } of contradictions(definition)) {
    context.addIssue({ code: 'custom', path, message });
  }
});

/** A definition, and how it stands in its file. */
export interface DefinitionFile {
  /** What to call it in an error, its path for example. */
  readonly file: string;
  readonly definition: KpiDefinition;
  /** The line of each field of the document's top level, for faults that only other documents show. */
  readonly lines: Readonly<Partial<Record<string, number>>>;
  /** The document's data before any default: what its digest is made of. */
  readonly written: unknown;
}

/**
 * @param text the YAML document
 * @param file what to call it in an error, its path for example
 * @throws OrderlyError KpiDefinitionInvalid with file, line and reason; of several faults the topmost.
 */
export function parseDefinition(text: string, file: string): DefinitionFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const fault = document.errors[0];
  if (fault !== undefined) {
    const detail = fault.message.split('\n', 1)[0]?.replace(/ at line \d+.*$/, '') ?? fault.code;
    throw invalid(file, lines.linePos(fault.pos[0]).line, detail);
  }
  const written: unknown = document.toJS();
  const result = kpiDefinition.safeParse(written);
  if (result.success) {
    const lineOf = (field: string) => lines.linePos(offsetOf(document, [field])).line;
    const fields = Object.keys(result.data).map(field => [field, lineOf(field)] as const);
    return { file, definition: result.data, lines: Object.fromEntries(fields), written };
  }
  const [first] = result.error.issues
    .flatMap(eachFault)
    .map(({ path, message }) => ({
      line: lines.linePos(offsetOf(document, path)).line,
      detail: path.length === 0 ? message : `${path.join('.')}: ${message}`,
    }))
    .sort((a, b) => a.line - b.line);
  throw invalid(file, first?.line ?? 1, first?.detail ?? 'not a definition');
}

const invalid = (file: string, line: number, detail: string) =>
  new OrderlyError('KpiDefinitionInvalid', { file, line, detail });

type Fault = Pick<z.core.$ZodIssue, 'path' | 'message'>;

/** zod reports the unknown keys of one object together; each has a line of its own. */
function eachFault(issue: z.core.$ZodIssue): Fault[] {
  if (issue.code !== 'unrecognized_keys') return [issue];
  return issue.keys.map(key => ({ path: [...issue.path, key], message: 'unknown field' }));
}

/** Where the key or item at `path` begins; of a missing one, where the object that should hold it begins. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  for (let depth = path.length; depth > 0; depth--) {
    const parent = depth === 1 ? document.contents : document.getIn(path.slice(0, depth - 1), true);
    const key = path[depth - 1];
    const node = isMap(parent)
      ? parent.items.find(pair => isScalar(pair.key) && pair.key.value === key)?.key
      : document.getIn(path.slice(0, depth), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return document.contents?.range?.[0] ?? 0;
}
