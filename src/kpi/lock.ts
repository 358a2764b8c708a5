/**
 * The lock of the definitions: one line per released version, with the digest of the definition as it was
 * written and the definition itself, so that a change can be shown and not only noticed. Lines are sorted
 * and only ever added, so that two branches that add a KPI each merge without a conflict.
 *
 * ```
 * inventory-errors@1 sha256:5f2c... {"counterMetric":...}
 * ```
 */
import { createHash } from 'node:crypto';
import { OrderlyError } from '../errors';
import { canonicalJson, describeDifference, differences } from './differences';
import type { DefinitionFile } from './parse';

export const lockFileName = 'versions.lock';

/** The locked definitions, as canonical JSON, by `<name>@<version>`. */
export type Lock = ReadonlyMap<string, string>;

const lockedVersion = /^(\S+@\d+) (sha256:[0-9a-f]{64}) (\{.*\})$/s;

/** SHA-256 of a definition as it is written: neither comments nor the order of fields count. */
const digestOf = (canonical: string): string =>
  `sha256:${createHash('sha256').update(canonical, 'utf8').digest('hex')}`;

/**
 * @param file what to call it in an error
 * @throws OrderlyError KpiLockInvalid where a line can not be read, comes twice, or is not what its digest says
 */
export function parseLock(text: string, file: string): Lock {
  const lock = new Map<string, string>();
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line === '') continue;
    const [, version, digest, canonical] = lockedVersion.exec(line) ?? [];
    const refuse = (detail: string) =>
      new OrderlyError('KpiLockInvalid', { file, line: index + 1, detail });
    if (version === undefined || canonical === undefined) throw refuse('it is no locked version');
    if (digestOf(canonical) !== digest) throw refuse(`${version} is not what its digest says`);
    if (lock.has(version)) throw refuse(`${version} comes twice`);
    lock.set(version, canonical);
  }
  return lock;
}

export function formatLock(lock: Lock): string {
  const lines = [...lock].sort(([a], [b]) => byNameAndVersion(a, b));
  return lines
    .map(([version, canonical]) => `${version} ${digestOf(canonical)} ${canonical}\n`)
    .join('');
}

/** The lock with the versions that it lacks added; what it holds stays as it is. */
export function withNewVersions(lock: Lock, files: readonly DefinitionFile[]): Lock {
  return new Map([...files.map(file => [idOf(file), canonicalOf(file)] as const), ...lock]);
}

/** What is wrong, one error per version: changed, not locked yet, or locked and gone. */
export function violations(lock: Lock, files: readonly DefinitionFile[]): OrderlyError[] {
  const present = new Set(files.map(idOf));
  return [
    ...files.flatMap(file => violation(lock, file) ?? []),
    ...[...lock.keys()]
      .filter(version => !present.has(version))
      .map(version => new OrderlyError('KpiVersionMissing', { version })),
  ];
}

function violation(lock: Lock, definition: DefinitionFile): OrderlyError | undefined {
  const version = idOf(definition);
  const { file } = definition;
  const locked = lock.get(version);
  if (locked === undefined) return new OrderlyError('KpiVersionNotLocked', { file, version });
  if (locked === canonicalOf(definition)) return undefined;
  const diff = differences(JSON.parse(locked), definition.written).map(describeDifference);
  return new OrderlyError('KpiDefinitionChanged', { file, version, diff: diff.join('; ') });
}

const idOf = ({ definition: { name, version } }: DefinitionFile): string => `${name}@${version}`;

const canonicalOf = ({ written }: DefinitionFile): string => canonicalJson(written);

function byNameAndVersion(a: string, b: string): number {
  const [[nameA, versionA], [nameB, versionB]] = [a.split('@'), b.split('@')];
  if (nameA !== nameB) return nameA! < nameB! ? -1 : 1;
  return Number(versionA) - Number(versionB);
}
