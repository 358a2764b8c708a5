/** Occurrences and definitions for tests. */
import { Catalogue } from '../../src/kpi/catalogue';
import type {
  AttemptFailed,
  Measured,
  MilestoneReached,
  OrderRefused,
  StepEnded,
  WorkflowClosed,
} from '../../src/kpi/occurrence';
import { parseDefinition } from '../../src/kpi/parse';

const run = {
  workflowId: 'order-o1',
  runId: 'run-1',
  workflowType: 'order',
  taskQueue: 'orders',
  synthetic: false,
  at: Date.UTC(2026, 5, 1, 12),
  versionAt: Date.UTC(2026, 5, 1, 11),
};

export const attemptFailed: AttemptFailed = {
  ...run,
  occurrence: 'attempt-failed',
  id: 'attempt:order-o1:run-1:1:1',
  activity: 'reserveStock',
  attempt: 1,
  failure: '40P01',
};

export const stepEnded: StepEnded = {
  ...run,
  occurrence: 'step-ended',
  id: 'step:order-o1:run-1:1',
  step: 'reserveStock',
  outcome: 'completed',
  seconds: 0.5,
};

export const milestone: MilestoneReached = {
  ...run,
  occurrence: 'milestone',
  id: 'milestone:order-o1:OrderConfirmed',
  name: 'OrderConfirmed',
  seconds: 1.25,
  outcome: 'confirmed',
  total: 1999,
  currency: 'EUR',
  channel: 'web',
  region: 'US-CA',
  unknownProducts: 0,
};

export const workflowClosed: WorkflowClosed = {
  ...run,
  occurrence: 'workflow-closed',
  id: 'closed:order-o1:run-1',
  outcome: 'confirmed',
  seconds: 2,
};

export const orderRefused: OrderRefused = {
  occurrence: 'order-refused',
  id: 'refused:ab12',
  at: run.at,
  versionAt: run.at,
  synthetic: false,
  kind: 'DuplicateOrder',
};

export const measured: Measured = {
  occurrence: 'measured',
  id: 'measured:intake-lag:2026-06-01T12:00:00.000Z',
  at: run.at,
  versionAt: run.at,
  synthetic: false,
  source: 'intake-lag',
  amount: 12,
};

/** A definition that counts failed attempts of reserveStock; `changes` replaces top-level fields. */
export function definitionYaml(changes: Readonly<Record<string, string | undefined>> = {}): string {
  const fields: Record<string, string | undefined> = {
    name: 'test-errors',
    version: '1',
    effectiveFrom: '2026-01-01',
    title: 'Test errors',
    objective: 'The inventory serves every order at the first try.',
    formula: '{ kind: count, metric: test_errors, unit: errors }',
    window: '1m',
    observes: '[{ occurrence: attempt-failed, where: { activity: reserveStock }, value: 1 }]',
    dimensions: '[{ name: failure, bound: 50 }]',
    target: '{ statistic: sumPerMinute, atMost: 1 }',
    thresholds: '[{ above: 5, windows: 3, severity: page }]',
    owner: '{ business: Head of Supply, engineering: Platform }',
    runbook: 'docs/kpis/test.md#runbook',
    counterMetric: '{ because: Errors vanish where hard orders are rejected. }',
    justification:
      '{ clear: a clear objective and outcome, measurable: captured where it happens, explainable: one short question says it, influenceable: the business can change it, context: read beside the order rate }',
    reviewBy: '2027-01-31',
    ...changes,
  };
  return Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}: ${value}\n`)
    .join('');
}

export const catalogueOf = (...yamls: readonly string[]): Catalogue =>
  new Catalogue(yamls.map((yaml, index) => parseDefinition(yaml, `${index}.yaml`)));
