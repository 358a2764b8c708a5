import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeLock } from '../src/cli/kpi/check';
import { feedOf } from '../src/kpi/feed';
import { definitionSchemaFile } from '../src/kpi/jsonSchema';
import { lockFileName } from '../src/kpi/lock';
import type { MilestoneReached, Occurrence } from '../src/kpi/occurrence';
import { readKpiCatalogue } from '../src/kpiCatalogue';
import { kpiRecords } from '../src/kpiRecords';
import {
  attemptFailed,
  definitionYaml,
  measured,
  milestone,
  orderRefused,
  stepEnded,
  workflowClosed,
} from './kpi/samples';

const root = join(__dirname, '..');
const catalogue = readKpiCatalogue();

describe('the KPIs of the project', () => {
  it('are at least these, of which some wait for what feeds them', () => {
    const fed = Object.fromEntries(
      catalogue.names.map(name => {
        const feed = feedOf(catalogue, catalogue.versionsOf(name)[0]!);
        return [name, feed.fed ? 'fed' : feed.why];
      }),
    );

    expect(fed).toMatchObject({
      'back-order-share': 'fed',
      'back-orders': 'fed',
      'compute-time': 'fed',
      'cost-per-order': 'fed',
      'data-freshness': 'fed',
      'failed-attempts': 'fed',
      'intake-lag': 'fed',
      'inventory-errors': 'fed',
      'kpi-coverage': 'fed',
      'kpi-parity': 'fed',
      'notification-delivery': 'nothing produces measured notification yet',
      'order-duration': 'fed',
      'order-latency': 'fed',
      'order-success': 'fed',
      'payment-success': 'fed',
      revenue: 'fed',
      'shipment-duration': 'fed',
      'step-performance': 'fed',
    });
  });

  it.each(catalogue.definitions.map(d => [d.name, d] as const))(
    '%s has a runbook that says what to do, and stands in the list of docs/kpis',
    (name, { runbook }) => {
      expect(existsSync(join(root, runbook))).toBe(true);
      expect(readFileSync(join(root, runbook), 'utf8')).toContain('\n## What to do\n');
      expect(readFileSync(join(root, 'docs/kpis/README.md'), 'utf8')).toContain(
        `[${name}](${name}.md)`,
      );
    },
  );

  it.each(readdirSync(join(root, 'kpis')).filter(name => name.endsWith('.yaml')))(
    '%s is named after its name and version, and its first line names the schema',
    file => {
      const text = readFileSync(join(root, 'kpis', file), 'utf8');
      const [schema, name, version] = text.split('\n');

      expect(`${name?.slice('name: '.length)}.v${version?.slice('version: '.length)}.yaml`).toBe(
        file,
      );
      expect(schema).toBe(`# yaml-language-server: $schema=../schemas/${definitionSchemaFile}`);
      expect(existsSync(join(root, 'schemas', definitionSchemaFile))).toBe(true);
    },
  );

  const rejected: MilestoneReached = {
    ...milestone,
    id: 'milestone:order-o1:OrderRejected',
    name: 'OrderRejected',
    outcome: 'rejected',
    unknownProducts: 3,
  };

  const taken: readonly [string, Occurrence, Readonly<Record<string, number>>][] = [
    ['a failed reservation', attemptFailed, { InventoryErrors: 1, FailedAttempts: 1 }],
    [
      'a failed release',
      { ...attemptFailed, activity: 'releaseStock' },
      { InventoryErrors: 1, FailedAttempts: 1 },
    ],
    ['a failed announcement', { ...attemptFailed, activity: 'announce' }, { FailedAttempts: 1 }],
    ['a duplicate', orderRefused, { InventoryErrors: 1 }],
    ['a conflict', { ...orderRefused, kind: 'ConflictingOrder' }, { InventoryErrors: 1 }],
    ['a malformed order', { ...orderRefused, kind: 'MessageInvalid' }, {}],
    ['a confirmed order', milestone, { OrderLatency: 1.25, Revenue: 1999 }],
    ['three unknown products', rejected, { InventoryErrors: 1, OrderLatency: 1.25 }],
    ['short stock', { ...rejected, unknownProducts: 0 }, { OrderLatency: 1.25 }],
    ['a cancelled order', { ...milestone, name: 'OrderCancelled', outcome: 'cancelled' }, {}],
    ['a closed order', workflowClosed, { OrderDuration: 2, OrderSuccess: 1 }],
    [
      'a failed order',
      { ...workflowClosed, outcome: 'failed' },
      { OrderDuration: 2, OrderSuccess: 0 },
    ],
    [
      'a terminated order',
      { ...workflowClosed, outcome: 'terminated' },
      { OrderDuration: 2, OrderSuccess: 0 },
    ],
    ['another workflow closed', { ...workflowClosed, workflowType: 'shipment' }, {}],
    ['an ended step', stepEnded, { StepPerformance: 0.5 }],
    [
      'a payment',
      { ...stepEnded, step: 'authorizePayment', provider: 'acme' },
      { StepPerformance: 0.5, PaymentSuccess: 1 },
    ],
    [
      'a payment that failed',
      { ...stepEnded, step: 'authorizePayment', outcome: 'failed', provider: 'acme' },
      { StepPerformance: 0.5, PaymentSuccess: 0 },
    ],
    ['the lag of the intake', measured, { IntakeLag: 12 }],
    [
      'a delivered notification',
      { ...measured, source: 'notification', result: 'delivered', amount: 1 },
      { NotificationDelivery: 1 },
    ],
    [
      'a notification that was refused',
      { ...measured, source: 'notification', result: 'refused', amount: 1 },
      { NotificationDelivery: 0 },
    ],
    ['parity', { ...measured, source: 'kpi-parity', amount: 40 }, { KpiParity: 40 }],
  ];
  /** The KPIs that the table is about; others may come and observe the same. */
  const topics = new Set(taken.flatMap(([, , expected]) => Object.keys(expected)));

  it.each(taken)('take of %s: %#', (_, occurrence, expected) => {
    const records = kpiRecords(catalogue, occurrence, '1').filter(({ topic }) => topics.has(topic));

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
    writeLock(folder);

    expect(readKpiCatalogue(folder).names).toEqual(['one', 'two']);
  });

  it('names file and line of what is wrong, in every file', () => {
    writeFileSync(join(folder, 'one.v1.yaml'), definitionYaml({ window: 'soon' }));
    expect(() => readKpiCatalogue(folder)).toThrow(/one\.v1\.yaml:7: window: a duration/);

    writeFileSync(join(folder, 'two.v1.yaml'), definitionYaml({ version: 'two' }));
    expect(() => readKpiCatalogue(folder)).toThrow(
      expect.objectContaining({
        errors: [
          expect.objectContaining({ message: expect.stringContaining('one.v1.yaml:7') }),
          expect.objectContaining({ message: expect.stringContaining('two.v1.yaml:2') }),
        ],
      }),
    );
  });

  it('refuses a definition that changed after it was locked, and shows how', () => {
    const path = join(folder, 'one.v1.yaml');
    writeFileSync(path, definitionYaml());
    writeLock(folder);
    writeFileSync(path, definitionYaml({ title: 'Other errors' }));

    expect(() => readKpiCatalogue(folder)).toThrow(
      /one\.v1\.yaml is not test-errors@1 as it was released: title: "Test errors" -> "Other errors"$/,
    );
    expect(() => writeLock(folder)).toThrow(
      expect.objectContaining({ code: 'KpiDefinitionChanged' }),
    );
  });

  it('refuses a version that is not locked, and one that is gone', () => {
    writeFileSync(join(folder, 'one.v1.yaml'), definitionYaml());
    expect(() => readKpiCatalogue(folder)).toThrow(
      expect.objectContaining({ code: 'KpiVersionNotLocked' }),
    );

    writeLock(folder);
    rmSync(join(folder, 'one.v1.yaml'));
    expect(() => readKpiCatalogue(folder)).toThrow(
      expect.objectContaining({ code: 'KpiVersionMissing' }),
    );
  });

  it('refuses a lock that was written by hand, with its line', () => {
    writeFileSync(join(folder, 'one.v1.yaml'), definitionYaml());
    writeLock(folder);
    appendFileSync(join(folder, lockFileName), 'test-errors@2 trust me\n');

    expect(() => readKpiCatalogue(folder)).toThrow(/versions\.lock:2: /);
  });
});
