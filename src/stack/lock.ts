/**
 * A lock between processes: a file that holds the identity of its owner. The file appears complete
 * (by a hard link), so nobody reads half an owner. The lock of a process that has ended is taken over.
 */
import { randomUUID } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { identify, isRunning, type ProcessIdentity } from './process';

const pollMs = 50;

/** Runs `work` while no other process, nor another call in this one, holds the lock at `path`. */
export function withLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  return withLockOr(path, () => delay(pollMs), work);
}

/**
 * Runs `work` as `withLock` does. Whenever another holds the lock, calls `onHeld`; tries again once that has
 * resolved, and gives up with what it throws.
 */
export async function withLockOr<T>(
  path: string,
  onHeld: () => Promise<void>,
  work: () => Promise<T>,
): Promise<T> {
  await acquire(path, onHeld);
  try {
    return await work();
  } finally {
    rmSync(path, { force: true });
  }
}

async function acquire(path: string, onHeld: () => Promise<void>): Promise<void> {
  mkdirSync(dirname(path), { recursive: true });
  const own = `${path}.${randomUUID()}`;
  writeFileSync(own, JSON.stringify(identify(process.pid)));
  try {
    while (!tryLink(own, path)) {
      const holder = readIfThere(path);
      // Nobody's any more: it was given back in this instant.
      if (holder === undefined) continue;
      if (isHeld(holder)) await onHeld();
      else takeAway(path, holder, `${own}.stale`);
    }
  } finally {
    rmSync(own, { force: true });
  }
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function isHeld(holder: string): boolean {
  return isRunning(JSON.parse(holder) as ProcessIdentity);
}

/** Between the look and the rename another process may have taken the lock over: it gets it back. */
function takeAway(path: string, dead: string, aside: string): void {
  try {
    renameSync(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  if (readIfThere(aside) !== dead) tryLink(aside, path);
  rmSync(aside, { force: true });
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
