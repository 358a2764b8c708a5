import { versionToRead } from '../../src/ledger/versions';
import { catalogueOf, definitionYaml } from '../kpi/samples';

const version = (number: number, effectiveFrom: string, retired?: string) =>
  definitionYaml({ version: String(number), effectiveFrom, retired });

const lasting = [version(1, '2026-01-01'), version(2, '2026-03-01'), version(3, '2026-05-01')];
const ended = [
  ...lasting.slice(0, 2),
  version(3, '2026-05-01', 'Nobody has acted on it for a year.'),
];

it.each([
  ['in force just before the end of the time', lasting, '2026-03-01', 1],
  ['in force at it, though a newer one is planned', lasting, '2026-03-02', 2],
  ['that takes effect next where all are planned', lasting, '2025-12-01', 1],
  ['that takes effect just then', lasting, '2026-01-01', 1],
  ['that counted last of a KPI that has ended', ended, '2026-06-01', 2],
])('the version to read is the one %s', (_, yamls, until, expected) => {
  const found = versionToRead(catalogueOf(...yamls), 'test-errors', Date.parse(until));
  expect(found.version).toBe(expected);
});

it('the version to read is the one that was asked for, whenever it is in force', () => {
  const found = versionToRead(catalogueOf(...lasting), 'test-errors', Date.parse('2026-02-01'), 3);
  expect(found.version).toBe(3);
});

it('a version that there is not can not be read', () => {
  expect(() => versionToRead(catalogueOf(...lasting), 'test-errors', 0, 9)).toThrow(
    expect.objectContaining({ code: 'KpiVersionUnknown' }),
  );
});
