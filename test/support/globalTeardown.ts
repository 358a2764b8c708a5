import { once } from 'node:events';
import { text } from 'node:stream/consumers';

/** Stops what `globalSetup` started, and fails when a test left a server of its own running. */
export default async function globalTeardown(): Promise<void> {
  const reaper = globalThis.testReaper;
  if (reaper === undefined) return;
  reaper.ref();
  const ended = once(reaper, 'exit');
  reaper.stdin!.end();
  const left = await text(reaper.stdout!);
  const [code] = await ended;
  if (code !== 0) throw new Error(`The test servers could not be stopped (exit code ${code}).`);
  if (left !== '') throw new Error(`These stacks were left running by their tests:\n${left}`);
}
