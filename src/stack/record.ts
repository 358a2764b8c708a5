/** `stack.json`: which servers the stack of a data folder consists of, so that a later command finds them. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf, OrderlyError } from '../errors';
import type { Address } from './address';
import type { ProcessIdentity } from './process';

export const serverNames = ['temporal', 'kafka', 'postgres'] as const;
export type ServerName = (typeof serverNames)[number];

export interface ServerRecord {
  readonly address: Address;
  /** How it came to be, for people: `already running`, or where its binary is from. */
  readonly source: string;
  /** The process that the stack started; absent when it was already running, or has been stopped. */
  readonly process?: ProcessIdentity;
  /** Where its data lies; absent when the stack did not start it. */
  readonly data?: string;
  /** Its log file; absent when the stack did not start it. */
  readonly log?: string;
  /** That it was already running where a port was asked for, which need not be where the configuration says. */
  readonly asked?: true;
}

export type StackRecord = Partial<Record<ServerName, ServerRecord>>;

/**
 * What is recorded for the data folder; empty where nothing is.
 * @throws OrderlyError FileUnreadable
 */
export function readStack(dir: string): StackRecord {
  const path = join(dir, 'stack.json');
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as StackRecord;
  } catch (cause) {
    const { code = '' } = cause as NodeJS.ErrnoException;
    if (['ENOENT', 'ENOTDIR'].includes(code)) return {};
    const isDamaged = cause instanceof SyntaxError;
    const detail = isDamaged
      ? 'it is no longer the record that stack up wrote. End the servers that it should name, then remove it'
      : messageOf(cause);
    throw new OrderlyError('FileUnreadable', { path, detail }, { cause });
  }
}

/** Where the stack knows a server to be; undefined where that is for the configuration to say. */
export const knownAddress = (record: ServerRecord | undefined): Address | undefined =>
  record?.data !== undefined || record?.asked ? record.address : undefined;

/** Replaces the record of one server, or removes it. The caller holds the lock of the data folder. */
export function writeRecord(dir: string, name: ServerName, record: ServerRecord | undefined): void {
  mkdirSync(dir, { recursive: true });
  const path = join(dir, 'stack.json');
  writeFileSync(
    `${path}.new`,
    `${JSON.stringify({ ...readStack(dir), [name]: record }, null, 2)}\n`,
  );
  renameSync(`${path}.new`, path);
}
