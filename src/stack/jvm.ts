import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cached } from './cache';
import { run } from './run';

/** The java command of JAVA_HOME, else that of PATH. */
export function java(): string {
  return process.env.JAVA_HOME ? join(process.env.JAVA_HOME, 'bin', 'java') : 'java';
}

/**
 * What `java --version` prints.
 * @throws Error when there is no Java, or none that Kafka 4 runs on
 */
export async function javaVersion(): Promise<string> {
  const printed = await run(java(), ['--version']);
  const major = Number(/^\S+ (\d+)/.exec(printed)?.[1]);
  if (!(major >= 17)) throw new Error(`Java 17 or newer is needed, but it is: ${printed.trim()}`);
  return printed;
}

const archiveName = 'classes.jsa';

/**
 * The archive of the classes that a program loads, which halves the time it takes to start. It belongs
 * to one Java and one place of the jars, and is made once, by `train`.
 * @returns its path, or undefined where it could not be made: the program starts without it
 */
export async function classArchive(
  jars: string,
  train: (archive: string, folder: string) => Promise<void>,
): Promise<string | undefined> {
  const key = createHash('sha256')
    .update(`${jars}\n${await javaVersion()}`)
    .digest('hex');
  // A failure is no entry: what kept the archive from being made may be gone by the next start.
  const entry = await cached(`java-classes-${key.slice(0, 16)}`, folder =>
    train(join(folder, archiveName), folder),
  ).catch(() => '');
  const archive = join(entry, archiveName);
  return existsSync(archive) ? archive : undefined;
}
