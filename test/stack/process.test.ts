import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  endProcess,
  identify,
  isRunning,
  killProcess,
  spawnDetached,
} from '../../src/stack/process';
import { testFolder } from '../support/testFolder';
import { waitFor } from '../support/waitFor';

const node = (script: string) => ({ file: process.execPath, args: ['-e', script] });
const forever = 'setInterval(() => {}, 1000);';

describe('a detached process', () => {
  it('is known by its id and its start time', async () => {
    const identity = await spawnDetached(node(forever), join(testFolder(), 'log'));
    expect(identify(identity.pid)).toEqual(identity);
    expect(isRunning(identity)).toBe(true);
    await killProcess(identity);
    expect(isRunning(identity)).toBe(false);
  });

  it('is not taken for a later process that has the same id', async () => {
    const identity = await spawnDetached(node(forever), join(testFolder(), 'log'));
    const earlier = { pid: identity.pid, startTime: 'of a process that ended long ago' };
    expect(isRunning(earlier)).toBe(false);
    await endProcess(earlier, 'SIGTERM', 1_000);
    await killProcess(earlier);
    expect(isRunning(identity)).toBe(true);
    await killProcess(identity);
  });

  it('is forced to end when it ignores its signal', async () => {
    const log = join(testFolder(), 'log');
    const deaf = `process.on('SIGTERM', () => console.log('heard')); console.log('up'); ${forever}`;
    const identity = await spawnDetached(node(deaf), log);
    await waitFor(() => readFileSync(log, 'utf8').includes('up'));
    await endProcess(identity, 'SIGTERM', 200);
    expect(readFileSync(log, 'utf8')).toContain('heard');
    expect(isRunning(identity)).toBe(false);
  });

  it('outlives the one that started it', async () => {
    const folder = testFolder();
    const starter = join(folder, 'starter.cjs');
    // The starter stands for the command line: it ends by itself while its child runs on.
    writeFileSync(
      starter,
      `const child = require('node:child_process').spawn(process.execPath,
        ['-e', ${JSON.stringify(forever)}], { detached: true, stdio: 'ignore' });
      child.unref(); console.log(child.pid);`,
    );
    const parent = spawn(process.execPath, [starter], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [printed] = await once(parent.stdout, 'data');
    await once(parent, 'exit');
    const child = identify(Number(printed));
    expect(child).toBeDefined();
    await killProcess(child!);
  });

  it('keeps the log of the run before', async () => {
    const log = join(testFolder(), 'log');
    for (const text of ['first', 'second']) {
      const identity = await spawnDetached(node(`console.log('${text}')`), log);
      await waitFor(() => !isRunning(identity));
    }
    expect(readFileSync(`${log}.previous`, 'utf8')).toBe('first\n');
    expect(readFileSync(log, 'utf8')).toBe('second\n');
  });

  it('that has no program is an error', async () => {
    const started = spawnDetached(
      { file: '/no/such/program', args: [] },
      join(testFolder(), 'log'),
    );
    await expect(started).rejects.toThrow('ENOENT');
  });
});
