/**
 * Waits until its standard input ends, which it does when jest is gone, whichever way it went. Then it
 * stops the servers recorded in any stack.json below the folder given and removes the folder. It prints
 * the stacks that were left running by the tests themselves.
 */
const { readdirSync, readFileSync, rmSync } = require('node:fs');
const { dirname, join } = require('node:path');

const folder = process.argv[2];
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});
// Nobody reads what it prints when jest was killed.
process.stdout.on('error', () => {});
process.stdin.resume().on('end', reap);

async function reap() {
  readTypeScript();
  const { isRunning } = require('../../src/stack/process.ts');
  const { stackDown } = require('../../src/stack/stack.ts');
  const stacks = readdirSync(folder, { recursive: true })
    .filter(path => path.endsWith('stack.json'))
    .map(path => dirname(join(folder, path)));
  for (const dir of stacks) {
    const servers = Object.values(JSON.parse(readFileSync(join(dir, 'stack.json'), 'utf8')));
    const isLeft = servers.some(server => server.process && isRunning(server.process));
    const isShared = dir.startsWith(join(folder, 'shared-'));
    if (isLeft && !isShared) process.stdout.write(`${dir}\n`);
  }
  await Promise.all(stacks.map(dir => stackDown(dir, { fresh: true })));
  rmSync(folder, { recursive: true, force: true });
}

/** Lets this process load the sources as they are: no build has to be there, nor be up to date. */
function readTypeScript() {
  const { transformFileSync } = require('@swc/core');
  require.extensions['.ts'] = (module, file) => {
    const options = { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' } };
    const { code } = transformFileSync(file, { ...options, module: { type: 'commonjs' } });
    module._compile(code, file);
  };
}
