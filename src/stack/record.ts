/** `stack.json`: which servers the stack of a data folder consists of, so that a later command finds them. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProcessIdentity } from './process';

export const serverNames = ['temporal', 'kafka', 'postgres'] as const;
export type ServerName = (typeof serverNames)[number];

export interface Address {
  readonly host: string;
  readonly port: number;
  /** Temporal's UI. */
  readonly uiPort?: number;
}

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
}

export type StackRecord = Partial<Record<ServerName, ServerRecord>>;

/** What is recorded for the data folder; empty where nothing is. */
export function readStack(dir: string): StackRecord {
  try {
    return JSON.parse(readFileSync(join(dir, 'stack.json'), 'utf8')) as StackRecord;
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (['ENOENT', 'ENOTDIR'].includes(code)) return {};
    throw error;
  }
}

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
