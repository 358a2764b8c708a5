/** What the shape of a definition alone can not tell: whether its parts agree with each other. */
import type { Condition, KpiDefinition, Observation } from './definition';
import { durationMs } from './duration';
import { failureDimension, unknownFailure } from './failure';
import { fieldType, type OccurrenceKind } from './fields';
import { type Contradiction, judgementContradictions } from './judgement';

/** Most series (combinations of dimension values) that one KPI may have: beyond it storage and reader drown. */
const seriesLimit = 100_000;

/** Metadata that every KPI event carries; a dimension can not take their names. */
const standingMetadata: readonly string[] = ['deployment', 'synthetic', 'workflowId'];

const dayMs = 86_400_000;

/** Fields that an occurrence lacks, values that the formula does not take, thresholds out of order. */
export function* contradictions(definition: KpiDefinition): Generator<Contradiction> {
  yield* wrongSource(definition);
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
  yield* unknownFailures(definition);
  yield* wrongGood(definition);
  yield* wrongWindow(definition);
  yield* judgementContradictions(definition);
}

function* wrongSource({ formula, observes }: KpiDefinition): Generator<Contradiction> {
  if (formula.kind === 'derived' && observes.length > 0) {
    yield { path: ['observes'], message: 'a derived KPI is made of others and observes nothing' };
  } else if (formula.kind !== 'derived' && observes.length === 0) {
    yield { path: ['observes'], message: 'name at least one occurrence' };
  }
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
    yield {
      path,
      message: 'a ratio takes the value 1 (counts) or 0 (does not) of each occurrence',
    };
  } else if (typeof value === 'string' && fieldType(occurrence, value) !== 'number') {
    yield { path, message: noField(occurrence, value, ' that is a number') };
  }
}

function* wrongDimensions(definition: KpiDefinition): Generator<Contradiction> {
  const { dimensions, formula } = definition;
  for (const [index, { name, from }] of dimensions.entries()) {
    const path = ['dimensions', index, 'name'];
    if (standingMetadata.includes(name)) {
      yield { path, message: `every KPI event carries ${name} already` };
    }
    if (dimensions.findIndex(other => other.name === name) < index) {
      yield { path, message: `there are two dimensions ${name}` };
    }
    if (formula.kind !== 'derived') {
      yield* wrongFields(definition, index);
    } else if (from !== undefined) {
      const message = 'a derived KPI has the dimensions of those it is made of';
      yield { path: ['dimensions', index, 'from'], message };
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

function* wrongFields(
  { dimensions, observes }: KpiDefinition,
  index: number,
): Generator<Contradiction> {
  const { name, from } = dimensions[index]!;
  for (const field of from ?? [name]) {
    const types = observes.map(o =>
      o.set?.[name] === undefined ? fieldType(o.occurrence, field) : 'text',
    );
    const path = ['dimensions', index, from ? 'from' : 'name'];
    if (types.every(type => type === undefined)) {
      yield { path, message: `no occurrence observed has the field ${field}` };
    } else if (types.includes('number')) {
      yield { path, message: `${field} is a number; a dimension is a text or a flag` };
    }
  }
}

/** An attempt whose failure is unknown may be told again, by whoever knows it: nothing may stay of the first. */
function* unknownFailures(definition: KpiDefinition): Generator<Contradiction> {
  const dimension = failureDimension(definition);
  for (const [index, { occurrence, where, set }] of definition.observes.entries()) {
    if (occurrence !== 'attempt-failed') continue;
    const wanted = where?.failure;
    if (wanted === undefined && (dimension === undefined || set?.[dimension] !== undefined)) {
      const message = `attempts need a dimension that takes their failure, so that one that was ${unknownFailure} can be put right`;
      yield { path: ['dimensions'], message };
    } else if ([wanted].flat().includes(unknownFailure)) {
      const message = `an attempt that was ${unknownFailure} would count still once its failure is known`;
      yield { path: ['observes', index, 'where', 'failure'], message };
    }
  }
}

function* wrongGood({ formula, dimensions }: KpiDefinition): Generator<Contradiction> {
  if (!('good' in formula)) return;
  for (const name of Object.keys(formula.good ?? {})) {
    if (!dimensions.some(d => d.name === name)) {
      yield { path: ['formula', 'good', name], message: `${name} is not a dimension` };
    }
  }
}

/** Windows begin at the same times every day, and minutes add up to them. */
function* wrongWindow({ window }: KpiDefinition): Generator<Contradiction> {
  const ms = durationMs(window);
  if (dayMs % ms !== 0 && ms % dayMs !== 0) {
    yield { path: ['window'], message: 'must fit into a day a whole number of times, or be days' };
  }
}

const noField = (kind: OccurrenceKind, field: string, which = ''): string =>
  `${kind} has no field ${field}${which}`;
