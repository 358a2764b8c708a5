/**
 * Lets Node load the sources of the bench as they are, and those of the program beside them. Used by
 * `node --require ./bench/typescript.cjs bench/main.ts`; the roles under test run from `dist/`.
 */
const { transformFileSync } = require('@swc/core');

require.extensions['.ts'] = (module, file) => {
  const options = { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' } };
  const { code } = transformFileSync(file, {
    ...options,
    module: { type: 'commonjs' },
    sourceMaps: 'inline',
  });
  module._compile(code, file);
};
