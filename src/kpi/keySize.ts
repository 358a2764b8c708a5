/**
 * How large what the ledger indexes may be: the id of an event, and its slice.
 *
 * Each is a key in Postgres, whose B-trees refuse a row of more than 2,704 bytes
 * (https://www.postgresql.org/docs/current/btree.html: a third of a page): one such event would stop the
 * ledger for ever. What is between is for the rest of the row, and for how `jsonb` holds a slice.
 */
export const mostKeyBytes = 2_000;

/** Longest name of a dimension, in characters of one byte. */
export const longestName = 64;

/** A name's quotes, colon and comma. */
const punctuation = 4;

/** The bytes of UTF-8 that a value takes as JSON. */
export const jsonBytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

/** How many bytes of JSON each value of a slice may take, so that the slice fits whatever the others are. */
export const bytesPerValue = (dimensions: number): number =>
  Math.floor((mostKeyBytes - 2) / dimensions) - longestName - punctuation;
