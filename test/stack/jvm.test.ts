import { existsSync, writeFileSync } from 'node:fs';
import { classArchive } from '../../src/stack/jvm';
import { testFolder } from '../support/testFolder';

describe('the archive of classes', () => {
  const cache = process.env.XDG_CACHE_HOME;
  beforeEach(() => {
    process.env.XDG_CACHE_HOME = testFolder();
  });
  afterEach(() => {
    if (cache === undefined) delete process.env.XDG_CACHE_HOME;
    else process.env.XDG_CACHE_HOME = cache;
  });

  const write = async (archive: string) => writeFileSync(archive, '');

  it('is made once', async () => {
    const made = await classArchive('libs', write);
    const again = await classArchive('libs', () => Promise.reject(new Error('made twice')));
    expect(again).toBe(made);
    expect(existsSync(made!)).toBe(true);
  });

  it('is done without where it can not be made, and made at a later start', async () => {
    const failing = () => Promise.reject(new Error('no room on the disk'));
    expect(await classArchive('libs', failing)).toBeUndefined();
    expect(existsSync((await classArchive('libs', write))!)).toBe(true);
  });

  it('is not tried again with a Java that went through it and wrote none', async () => {
    const rehearse = jest.fn(async () => {});
    expect(await classArchive('libs', rehearse)).toBeUndefined();
    expect(await classArchive('libs', rehearse)).toBeUndefined();
    expect(rehearse).toHaveBeenCalledTimes(1);
  });
});
