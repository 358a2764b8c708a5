import { readFileSync } from 'node:fs';

/** The version of this package, beside `src` and `dist` alike. */
export function packageVersion(): string {
  const manifest = JSON.parse(readFileSync(`${__dirname}/../package.json`, 'utf8')) as {
    version: string;
  };
  return manifest.version;
}
