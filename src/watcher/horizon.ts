/** So much earlier that what is judged now can still be counted when it comes to the ledger. */
const marginMs = 3_600_000;

/**
 * Of what happened before that, the ledger has forgotten what it had, and would refuse what is published
 * again: whether it is missing nobody can tell.
 * @param keepMs how long the ledger takes events
 * @returns milliseconds since the epoch
 */
export const ledgerHorizon = (keepMs: number): number => Date.now() - keepMs + marginMs;
