import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from '../../src/stack/folder';
import { testFolder } from '../support/testFolder';

describe('a folder for data', () => {
  it('is made with those it lies in, and stays where it is there', () => {
    const path = join(testFolder(), 'one', 'two');
    makeFolder(path);
    makeFolder(path);
    expect(existsSync(path)).toBe(true);
  });

  it('is refused by name where a file has its place, or that of one it would lie in', () => {
    const file = join(testFolder(), 'file');
    writeFileSync(file, '');
    for (const path of [file, join(file, 'within')]) {
      expect(() => makeFolder(path)).toThrow(
        expect.objectContaining({
          code: 'FolderUnusable',
          parameters: { path, detail: expect.stringContaining(file) },
        }),
      );
    }
  });

  it('is refused where the system lets nobody write, though it is there', () => {
    expect(() => makeFolder('/proc')).toThrow(expect.objectContaining({ code: 'FolderUnusable' }));
    expect(() => makeFolder('/proc/orderly/data')).toThrow(
      expect.objectContaining({ code: 'FolderUnusable' }),
    );
  });
});
