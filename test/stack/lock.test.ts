import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withLock, withLockOr } from '../../src/stack/lock';
import { identify } from '../../src/stack/process';
import { testFolder } from '../support/testFolder';

describe('the lock between processes', () => {
  it('lets one in at a time', async () => {
    const path = join(testFolder(), 'lock');
    let inside = 0;
    let most = 0;
    const visit = () =>
      withLock(path, async () => {
        most = Math.max(most, ++inside);
        await new Promise(resolve => setImmediate(resolve));
        inside--;
      });
    await Promise.all(Array.from({ length: 8 }, visit));
    expect(most).toBe(1);
    expect(existsSync(path)).toBe(false);
  });

  it('is taken over from a process that ended without giving it back', async () => {
    const path = join(testFolder(), 'lock');
    writeFileSync(path, JSON.stringify({ ...identify(process.pid), startTime: 'long ago' }));
    await expect(withLock(path, async () => 'in')).resolves.toBe('in');
  });

  it('can be given up at once when another holds it', async () => {
    const path = join(testFolder(), 'lock');
    const refuse = () => Promise.reject(new Error('taken'));
    await withLock(path, async () => {
      await expect(withLockOr(path, refuse, async () => 'in')).rejects.toThrow('taken');
    });
    await expect(withLockOr(path, refuse, async () => 'in')).resolves.toBe('in');
  });

  it('is given back when the work fails', async () => {
    const path = join(testFolder(), 'lock');
    const failing = withLock(path, () => Promise.reject(new Error('no')));
    await expect(failing).rejects.toThrow('no');
    await expect(withLock(path, async () => 'in')).resolves.toBe('in');
  });
});
