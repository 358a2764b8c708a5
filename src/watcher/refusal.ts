/** Why the ledger refused an event, and whether that passes; pure. */
import type { ErrorCode } from '../errors';

/**
 * The ledger had no such definition when it started: a fault of a roll-out, not of the event, which the
 * ledger takes once it is started anew.
 */
const untilStartedAnew: ReadonlySet<string> = new Set<ErrorCode>([
  'KpiUnknown',
  'KpiVersionUnknown',
]);

/** @param code of the error catalogue, as the ledger keeps it */
export const passesOnRestart = (code: string): boolean => untilStartedAnew.has(code);
