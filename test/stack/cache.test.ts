import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cached, cacheFolder } from '../../src/stack/cache';
import { testFolder } from '../support/testFolder';

describe('the cache', () => {
  it('fetches an entry once', async () => {
    const root = testFolder();
    const fill = jest.fn(async (folder: string) => writeFileSync(join(folder, 'file'), 'whole'));
    const first = await cached('entry', fill, root);
    const second = await cached('entry', fill, root);
    expect(first).toBe(second);
    expect(readFileSync(join(first, 'file'), 'utf8')).toBe('whole');
    expect(fill).toHaveBeenCalledTimes(1);
  });

  it('fetches an entry once for two who want it at the same time', async () => {
    const root = testFolder();
    const fill = jest.fn(async () => new Promise<void>(resolve => setImmediate(resolve)));
    await Promise.all([cached('entry', fill, root), cached('entry', fill, root)]);
    expect(fill).toHaveBeenCalledTimes(1);
  });

  it('never uses what an interrupted fetch left behind', async () => {
    const root = testFolder();
    const half = async (folder: string) => {
      writeFileSync(join(folder, 'half'), '');
      throw new Error('the network is gone');
    };
    await expect(cached('entry', half, root)).rejects.toThrow('the network is gone');
    expect(existsSync(join(root, 'entry'))).toBe(false);
    const entry = await cached('entry', async () => {}, root);
    expect(existsSync(join(entry, 'half'))).toBe(false);
  });

  it('fetches again after a process was killed while it fetched', async () => {
    const root = testFolder();
    // What a killed process leaves: a partial folder and the lock of a process that has ended.
    const killed = spawn(process.execPath, ['-e', '']);
    await once(killed, 'exit');
    mkdirSync(join(root, 'entry.partial'));
    writeFileSync(join(root, 'entry.partial', 'half'), '');
    const owner = { pid: killed.pid, startTime: 'whenever' };
    writeFileSync(join(root, 'entry.lock'), JSON.stringify(owner));
    const entry = await cached(
      'entry',
      async folder => writeFileSync(join(folder, 'file'), 'whole'),
      root,
    );
    expect(existsSync(join(entry, 'half'))).toBe(false);
    expect(readFileSync(join(entry, 'file'), 'utf8')).toBe('whole');
  });

  it('lies where the XDG specification says', () => {
    const before = process.env.XDG_CACHE_HOME;
    try {
      process.env.XDG_CACHE_HOME = '/somewhere';
      expect(cacheFolder()).toBe('/somewhere/orderly');
      delete process.env.XDG_CACHE_HOME;
      expect(cacheFolder()).toMatch(/\/\.cache\/orderly$/);
    } finally {
      if (before !== undefined) process.env.XDG_CACHE_HOME = before;
    }
  });
});
