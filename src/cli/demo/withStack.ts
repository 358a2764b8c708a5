import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../config';
import type { OnProgress } from '../../stack/kind';
import { type Connections, stackDown, stackStatus, stackUp } from '../../stack/stack';
import { booksIn } from './environment';

export interface StackOptions {
  readonly dir: string;
  readonly config: Config;
  /** Begin without the data of earlier runs. */
  readonly fresh: boolean;
  readonly onProgress: OnProgress;
}

/** Where the roles' logs go. */
export const logsIn = (dir: string): string => join(dir, 'logs');

/** Runs `work` on the local servers. A stack that was up before stays up; else it is stopped afterwards. */
export async function withStack<T>(
  { dir, config, fresh, onProgress }: StackOptions,
  work: (to: Connections) => Promise<T>,
): Promise<T> {
  if (fresh) {
    await stackDown(dir, { fresh, onProgress });
    for (const folder of [logsIn(dir), booksIn(dir)]) {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  const wasUp = await isUp(dir, config);
  try {
    return await work(await stackUp({ dir, config, onProgress }));
  } finally {
    if (!wasUp) await stackDown(dir, { onProgress });
  }
}

/** Whether servers run that `orderly stack up` has started. */
async function isUp(dir: string, config: Config): Promise<boolean> {
  const servers = Object.values(await stackStatus(dir, config));
  return servers.some(({ state, record }) => record?.process !== undefined && state === 'running');
}
