import { mkdirSync, mkdtempSync, rmdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { messageOf, OrderlyError } from '../errors';

/**
 * Makes a folder for data, and those it lies in, where they are missing.
 * @throws OrderlyError FolderUnusable, also where it is there and nothing can be written to it
 */
export function makeFolder(path: string): void {
  try {
    make(path);
    // Root may write anywhere by its rights, and yet not where the system keeps its own.
    rmdirSync(mkdtempSync(join(path, '.writable-')));
  } catch (cause) {
    throw new OrderlyError('FolderUnusable', { path, detail: messageOf(cause) }, { cause });
  }
}

/** One by one: Node's own recursion never ends where the system has its own files, as under /proc. */
function make(path: string): void {
  const there = statSync(path, { throwIfNoEntry: false });
  if (there?.isDirectory()) return;
  if (there !== undefined) throw new Error(`${path} is a file`);
  make(dirname(path));
  try {
    mkdirSync(path);
  } catch (thrown) {
    // Made by another process at this moment.
    if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw thrown;
  }
}
