/** What a failure of Postgres means for the caller: wait and try again, or correct something. */
import { types } from 'node:util';
import pg from 'pg';
import { messageOf, OrderlyError } from '../errors';

/** https://www.postgresql.org/docs/current/errcodes-appendix.html */
const conflictStates = new Set(['40001', '40P01']);
const transientStates = new Set([
  '25006', // read only: the server we speak to is no longer the primary
  '25P03', // idle in transaction for too long
  '55P03', // lock not available
  '57014', // statement time-out
  '57P01', // terminated by an administrator
  '57P02', // terminated because another process crashed
  '57P03', // starting up or shutting down
  '57P05', // idle session time-out
]);
/** Conflicts, connection trouble, and resources that ran out. */
const transientClasses = new Set(['08', '40', '53']);
/** Login refused, no such database. */
const refusedStates = /^(28|3D)/;
/** The data itself can not be stored: a NUL character, a number out of range. */
const dataClass = '22';

const transientSystemErrors = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);
/** `pg` gives these no code. */
const transientMessages =
  /^(Connection terminated|Query read timeout|timeout expired|timeout exceeded when trying to connect|Client (has encountered a connection error|was closed) and is not queryable)/;

/** A deadlock or serialization failure: nothing happened, and the same transaction may pass at once. */
export function isConflict(thrown: unknown): boolean {
  return thrown instanceof pg.DatabaseError && conflictStates.has(thrown.code ?? '');
}

/** A statement that failed because its transaction had failed before. */
export const isAftermath = (thrown: unknown): boolean =>
  thrown instanceof pg.DatabaseError && thrown.code === '25P02';

/**
 * The catalogue's error for what a query threw: PostgresUnavailable and PostgresRefused (transient; the latter
 * for a login), DataRefused (values that can not be stored). Anything else is answered as it is.
 */
export function classified(thrown: unknown): unknown {
  const code = codeOf(thrown);
  const detail = messageOf(thrown);
  if (isTransient(thrown, code)) {
    return new OrderlyError('PostgresUnavailable', { detail }, { cause: thrown });
  }
  if (!(thrown instanceof pg.DatabaseError)) return thrown;
  if (refusedStates.test(code)) {
    return new OrderlyError('PostgresRefused', { detail }, { cause: thrown });
  }
  if (code.startsWith(dataClass)) {
    return new OrderlyError('DataRefused', { detail }, { cause: thrown });
  }
  return thrown;
}

function isTransient(thrown: unknown, code: string): boolean {
  if (thrown instanceof pg.DatabaseError) {
    return transientStates.has(code) || transientClasses.has(code.slice(0, 2));
  }
  if (!types.isNativeError(thrown)) return false;
  return transientSystemErrors.has(code) || transientMessages.test(thrown.message);
}

function codeOf(thrown: unknown): string {
  return types.isNativeError(thrown) && 'code' in thrown ? String(thrown.code) : '';
}
