import type { MilestoneReached } from '../../src/kpi/occurrence';
import type { Account } from '../../src/watcher/account';
import { type ClosedRun, provedBy } from '../../src/watcher/closedRuns';
import { confirmationIn, confirmedOrder } from '../../src/watcher/confirmedOrder';
import { releasedKpis } from '../support/releasedKpis';

const catalogue = releasedKpis('revenue@1', 'order-latency@1');
const at = Date.parse('2026-03-01T00:00:01Z');
const eventId = 'revenue@1:milestone:order-a:OrderConfirmed';

const run = (changes: Partial<ClosedRun> = {}): ClosedRun => ({
  ...{ workflowId: 'order-a', runId: 'r', workflowType: 'order', taskQueue: 'orders' },
  ...{ status: 'COMPLETED', startedAt: at, closedAt: at + 1, synthetic: false },
  order: { status: 'confirmed', total: 500, currency: 'EUR', channel: 'web', region: 'US-CA' },
  ...changes,
});

const milestone = (changes: Partial<MilestoneReached> = {}): MilestoneReached => ({
  ...{ occurrence: 'milestone', id: 'milestone:order-a:OrderConfirmed', name: 'OrderConfirmed' },
  ...{ at, versionAt: at, synthetic: false, seconds: 1, outcome: 'confirmed', total: 700 },
  ...{ currency: 'USD', channel: 'web', region: 'US-CA', unknownProducts: 0 },
  ...changes,
});

const account = (told: readonly MilestoneReached[], unproved: readonly MilestoneReached[] = []) =>
  ({ occurrences: told, unproved }) as Partial<Account> as Account;

const orderOf = (row: ClosedRun, its?: Account) =>
  confirmedOrder(row, provedBy(catalogue, row), its && confirmationIn(catalogue, its));

it('an order is worth what its row proves, though its history says otherwise', () => {
  const worth = { orderId: 'a', eventId, currency: 'EUR', total: 500, isProved: true };
  expect(orderOf(run())).toMatchObject(worth);
  expect(orderOf(run(), account([milestone()]))).toMatchObject(worth);
});

it('an order whose row proves nothing is worth what its history tells', () => {
  const terminated = run({ status: 'TERMINATED' });
  const worth = { orderId: 'a', eventId, currency: 'USD', total: 700, isProved: false };
  for (const [its, isAnnounced] of [
    [account([milestone()]), true],
    [account([], [milestone()]), false],
  ] as const) {
    expect(orderOf(terminated, its)).toMatchObject({ ...worth, confirmation: { isAnnounced } });
  }
  expect(orderOf(terminated)).toBeUndefined();
});

it('an order that was not confirmed, and a test order, is worth nothing', () => {
  const rejected = milestone({ name: 'OrderRejected', outcome: 'rejected', total: undefined });
  const terminated = run({ status: 'TERMINATED' });
  expect(orderOf(terminated, account([rejected]))).toBeUndefined();
  expect(orderOf(terminated, account([milestone({ synthetic: true })]))).toBeUndefined();
  expect(orderOf(run({ synthetic: true }))).toBeUndefined();
});
