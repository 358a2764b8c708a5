/** Holding one expected event against what the ledger has under its id; pure. */
import type { CountedEvent } from '../postgres/ledgerLookup';
import type { ExpectedEvent } from './expectedEvent';
import { passesOnRestart } from './refusal';

/**
 * - `missing`: `refused` with the reason where the ledger met it, and would take it now or before long.
 * - `known-better`: the ledger does not know the type of failure, and Temporal does.
 */
export type Verdict =
  | { readonly kind: 'matched' }
  | { readonly kind: 'missing'; readonly refused?: string }
  | { readonly kind: 'known-better' }
  | { readonly kind: 'unexplained'; readonly detail: string };

/** The value under which the ledger counts what is beyond a dimension's bound. */
const beyondBound = 'other';

/** @param counted what the ledger has; `refused` with the reason where it did not take the event */
export function compare(
  expected: ExpectedEvent,
  counted: CountedEvent | { readonly refused: string } | undefined,
): Verdict {
  if (counted === undefined) return { kind: 'missing' };
  if ('refused' in counted) {
    const { refused } = counted;
    if (passesOnRestart(refused)) return { kind: 'missing', refused };
    return { kind: 'unexplained', detail: `the ledger refused it: ${refused}` };
  }
  if (counted.provisional) {
    return { kind: expected.failure === 'known' ? 'known-better' : 'matched' };
  }
  // Of an earlier attempt Temporal forgets the failure, so that whatever was told is the best there is.
  if (expected.failure === 'unknown') return { kind: 'matched' };
  const differences = [...differencesOf(expected, counted)];
  return differences.length === 0
    ? { kind: 'matched' }
    : { kind: 'unexplained', detail: differences.join('; ') };
}

function* differencesOf(expected: ExpectedEvent, counted: CountedEvent): Generator<string> {
  const differs = (name: string, has: unknown, is: unknown) =>
    `${name} is ${String(has)} in the ledger and ${String(is)} in Temporal`;
  if (counted.synthetic !== expected.synthetic) {
    yield differs('synthetic', counted.synthetic, expected.synthetic);
  }
  if (expected.value !== undefined && counted.value !== expected.value) {
    yield differs('the value', counted.value, expected.value);
  }
  for (const [name, value] of Object.entries(expected.slice)) {
    const has = counted.slice[name];
    if (has !== value && has !== beyondBound) yield differs(name, has, value);
  }
}
