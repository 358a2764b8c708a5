import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MilestoneReached, Occurrence } from '../src/kpi/occurrence';
import { readKpiCatalogue } from '../src/kpiCatalogue';
import { kpiRecords } from '../src/kpiRecords';
import {
  attemptFailed,
  definitionYaml,
  milestone,
  orderRefused,
  stepEnded,
  workflowClosed,
} from './kpi/samples';

const root = join(__dirname, '..');
const catalogue = readKpiCatalogue();

describe('the KPIs of the project', () => {
  it('are the three of the first release', () => {
    expect(catalogue.names).toEqual(['inventory-errors', 'order-duration', 'order-latency']);
  });

  it.each(catalogue.definitions.map(d => [d.name, d] as const))(
    '%s has a page with the section that its runbook names',
    (name, { runbook }) => {
      const [page, section] = runbook.split('#');

      expect(page).toBe(`docs/kpis/${name}.md`);
      expect(existsSync(join(root, page!))).toBe(true);
      expect(readFileSync(join(root, page!), 'utf8').toLowerCase()).toContain(`\n## ${section}\n`);
    },
  );

  const rejected: MilestoneReached = {
    ...milestone,
    id: 'milestone:order-o1:OrderRejected',
    name: 'OrderRejected',
    outcome: 'rejected',
    unknownProducts: 3,
  };

  it.each<[string, Occurrence, Record<string, number>]>([
    ['a failed reservation', attemptFailed, { InventoryErrors: 1 }],
    ['a failed release', { ...attemptFailed, activity: 'releaseStock' }, { InventoryErrors: 1 }],
    ['a failed announcement', { ...attemptFailed, activity: 'announce' }, {}],
    ['a duplicate', orderRefused, { InventoryErrors: 1 }],
    ['a conflict', { ...orderRefused, kind: 'ConflictingOrder' }, { InventoryErrors: 1 }],
    ['a malformed order', { ...orderRefused, kind: 'MessageInvalid' }, {}],
    ['a confirmed order', milestone, { OrderLatency: 1.25 }],
    ['three unknown products', rejected, { InventoryErrors: 1, OrderLatency: 1.25 }],
    ['short stock', { ...rejected, unknownProducts: 0 }, { OrderLatency: 1.25 }],
    ['a cancelled order', { ...milestone, name: 'OrderCancelled', outcome: 'cancelled' }, {}],
    ['a closed order', workflowClosed, { OrderDuration: 2 }],
    ['another workflow closed', { ...workflowClosed, workflowType: 'shipment' }, {}],
    ['an ended step', stepEnded, {}],
  ])('take of %s: %#', (_, occurrence, expected) => {
    const records = kpiRecords(catalogue, occurrence, '1');

    expect(
      Object.fromEntries(
        records.map(({ topic, value }) => [topic, JSON.parse(String(value)).value]),
      ),
    ).toEqual(expected);
  });

  it('name the kind of each inventory error', () => {
    const errors = [attemptFailed, rejected, orderRefused].map(occurrence => {
      const record = kpiRecords(catalogue, occurrence, '1').find(
        r => r.topic === 'InventoryErrors',
      );
      const { metadata } = JSON.parse(String(record?.value)) as {
        metadata: { name: string; value: string }[];
      };
      return metadata.find(m => m.name === 'error')?.value;
    });

    expect(errors).toEqual(['40P01', 'UnknownProduct', 'DuplicateOrder']);
  });
});

describe('reading a folder of definitions', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'kpis-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('takes every YAML file in it and nothing else', () => {
    writeFileSync(join(folder, 'one.v1.yaml'), definitionYaml({ name: 'one' }));
    writeFileSync(join(folder, 'two.v1.yaml'), definitionYaml({ name: 'two' }));
    writeFileSync(join(folder, 'README.md'), '# not a definition');

    expect(readKpiCatalogue(folder).names).toEqual(['one', 'two']);
  });

  it('names file and line of what is wrong', () => {
    writeFileSync(join(folder, 'one.v1.yaml'), definitionYaml({ window: 'soon' }));

    expect(() => readKpiCatalogue(folder)).toThrow(/one\.v1\.yaml:7: window: a duration/);
  });
});
