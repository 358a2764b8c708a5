/** What the shape of a definition alone can not tell: whether its parts agree with each other. */
import type { Condition, KpiDefinition, Observation } from './definition';
import { fieldType, type OccurrenceKind } from './fields';

/** Most series (combinations of dimension values) that one KPI may have: beyond it storage and reader drown. */
const seriesLimit = 100_000;

/** Metadata that every KPI event carries; a dimension can not take their names. */
const standingMetadata: readonly string[] = ['deployment', 'synthetic', 'workflowId'];

interface Contradiction {
  readonly path: (string | number)[];
  readonly message: string;
}

/** Fields that an occurrence lacks, values that the formula does not take, thresholds out of order. */
export function* contradictions(definition: KpiDefinition): Generator<Contradiction> {
  for (const [index, observed] of definition.observes.entries()) {
    yield* unknownFields(observed, ['observes', index]);
    yield* wrongValue(definition.formula.kind, observed, ['observes', index, 'value']);
    for (const name of Object.keys(observed.set ?? {})) {
      if (!definition.dimensions.some(d => d.name === name)) {
        yield { path: ['observes', index, 'set', name], message: `${name} is not a dimension` };
      }
    }
  }
  yield* wrongDimensions(definition);
  yield* wrongThresholds(definition);
}

function* unknownFields(
  { occurrence, where }: Observation,
  path: (string | number)[],
): Generator<Contradiction> {
  for (const [field, wanted] of Object.entries(where ?? {})) {
    const type = fieldType(occurrence, field);
    if (type === undefined) {
      yield { path: [...path, 'where', field], message: noField(occurrence, field) };
    } else if (!fits(type, wanted)) {
      yield { path: [...path, 'where', field], message: `${field} is a ${type}` };
    }
  }
}

function fits(type: 'text' | 'number' | 'flag', wanted: Condition): boolean {
  const jsType = { text: 'string', number: 'number', flag: 'boolean' }[type];
  if (typeof wanted !== 'object') return typeof wanted === jsType;
  if (Array.isArray(wanted)) return wanted.every(value => typeof value === jsType);
  return type === 'number';
}

function* wrongValue(
  kind: KpiDefinition['formula']['kind'],
  { occurrence, value }: Observation,
  path: (string | number)[],
): Generator<Contradiction> {
  if (kind === 'count' && value !== 1) {
    yield { path, message: 'a count takes the value 1 of each occurrence' };
  } else if (kind === 'ratio' && value !== 0 && value !== 1) {
    yield { path, message: 'a ratio takes the value 1 (good) or 0 of each occurrence' };
  } else if (typeof value === 'string' && fieldType(occurrence, value) !== 'number') {
    yield { path, message: noField(occurrence, value, ' that is a number') };
  }
}

function* wrongDimensions({ dimensions, observes }: KpiDefinition): Generator<Contradiction> {
  for (const [index, { name, from }] of dimensions.entries()) {
    const path = ['dimensions', index, 'name'];
    if (standingMetadata.includes(name)) {
      yield { path, message: `every KPI event carries ${name} already` };
    }
    if (dimensions.findIndex(other => other.name === name) < index) {
      yield { path, message: `there are two dimensions ${name}` };
    }
    for (const field of from ?? [name]) {
      const types = observes.map(o =>
        o.set?.[name] === undefined ? fieldType(o.occurrence, field) : 'text',
      );
      if (types.every(type => type === undefined)) {
        yield {
          path: from ? ['dimensions', index, 'from'] : path,
          message: `no occurrence observed has the field ${field}`,
        };
      } else if (types.includes('number')) {
        yield { path, message: `${field} is a number; a dimension is a text or a flag` };
      }
    }
  }
  const series = dimensions.reduce((product, { bound }) => product * bound, 1);
  if (series > seriesLimit) {
    yield {
      path: ['dimensions'],
      message: `the bounds multiply to ${series} series; at most ${seriesLimit} are taken`,
    };
  }
}

function* wrongThresholds({ target, thresholds }: KpiDefinition): Generator<Contradiction> {
  const { warning, critical } = thresholds;
  const fine =
    target.atMost === undefined
      ? (target.atLeast ?? 0) >= warning && warning >= critical
      : target.atMost <= warning && warning <= critical;
  if (!fine) {
    yield {
      path: ['thresholds'],
      message: 'warning lies beyond the target, and critical beyond warning',
    };
  }
}

const noField = (kind: OccurrenceKind, field: string, which = ''): string =>
  `${kind} has no field ${field}${which}`;
