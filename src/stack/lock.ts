/**
 * A lock between processes: a file that holds the identity of its owner. The file appears complete
 * (by a hard link), so nobody reads half an owner. The lock of a process that has ended is taken over.
 */
import { randomUUID } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { identify, isRunning, type ProcessIdentity } from './process';

/** Runs `work` while no other process, nor another call in this one, holds the lock at `path`. */
export async function withLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  await acquire(path);
  try {
    return await work();
  } finally {
    rmSync(path, { force: true });
  }
}

async function acquire(path: string): Promise<void> {
  mkdirSync(dirname(path), { recursive: true });
  const own = `${path}.${randomUUID()}`;
  writeFileSync(own, JSON.stringify(identify(process.pid)));
  try {
    while (!tryLink(own, path)) {
      const holder = readIfThere(path);
      if (holder !== undefined && !isHeld(holder)) takeAway(path, holder, `${own}.stale`);
      else await delay(50);
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
