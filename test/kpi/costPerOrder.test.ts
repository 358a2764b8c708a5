/** What cost-per-order prices, held against what Temporal bills for histories of released versions. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type History, historyFromJSON } from '@temporalio/common/lib/proto-utils';
import type { Occurrence } from '../../src/kpi/occurrence';
import { readKpiCatalogue } from '../../src/kpiCatalogue';
import { accountOf } from '../../src/watcher/account';

const definition = readKpiCatalogue().find('cost-per-order', 2)!;
const dollarsPerAction = 0.00005;

const historyOf = (name: string): History => {
  const file = join(__dirname, '../histories', `${name}.json`);
  return historyFromJSON(JSON.parse(readFileSync(file, 'utf8')));
};

type HistoryEvent = NonNullable<History['events']>[number];

/** https://docs.temporal.io/cloud/actions; a child's start is billed where its parent decides it. */
const bills: Readonly<Record<string, (event: HistoryEvent) => number>> = {
  start: ({ workflowExecutionStartedEventAttributes: started }) =>
    started && !started.parentWorkflowExecution ? 1 : 0,
  child: event => (event.startChildWorkflowExecutionInitiatedEventAttributes ? 2 : 0),
  attempt: event => event.activityTaskStartedEventAttributes?.attempt ?? 0,
  timer: event => (event.timerStartedEventAttributes ? 1 : 0),
  signal: event => (event.workflowExecutionSignaledEventAttributes ? 1 : 0),
  update: event => (event.workflowExecutionUpdateAcceptedEventAttributes ? 1 : 0),
  status: event => (event.upsertWorkflowSearchAttributesEventAttributes ? 1 : 0),
};

function billed(histories: readonly History[]): Record<string, number> {
  const events = histories.flatMap(history => history.events ?? []);
  return Object.fromEntries(
    Object.entries(bills).map(([kind, of]) => [
      kind,
      events.reduce((n, event) => n + of(event), 0),
    ]),
  );
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);

const isOf: Readonly<Record<string, (occurrence: Occurrence) => boolean>> = {
  'order-duration': o => o.occurrence === 'workflow-closed' && o.workflowType === 'order',
  'shipment-duration': o => o.occurrence === 'workflow-closed' && o.workflowType === 'shipment',
  'step-performance': o => o.occurrence === 'step-ended',
  'failed-attempts': o => o.occurrence === 'attempt-failed',
  'back-orders': o => o.occurrence === 'milestone' && o.name === 'OrderBackOrdered',
  'compute-time': () => false,
};

/** The actions for which the definition takes money. */
function priced(histories: readonly History[]): number {
  const run = { workflowId: 'order-a', runId: 'r' };
  const occurrences = histories.flatMap(history => accountOf(run, history).occurrences);
  if (definition.formula.kind !== 'derived') throw new TypeError('cost-per-order is derived');
  const dollars = definition.formula.numerator.map(
    ({ kpi, times = 1 }) => times * occurrences.filter(isOf[kpi]!).length,
  );
  return Math.round(sum(dollars) / dollarsPerAction);
}

it.each(['0.1.0-confirmed', '0.1.0-rejected', '0.1.0-retried'])(
  'the cost of an order that is decided at once has every action that Temporal bills: %s',
  name => {
    const life = [historyOf(name)];
    expect(priced(life)).toBe(sum(Object.values(billed(life))));
  },
);

it('the cost of a whole life has all actions but those that its page names', () => {
  const parcel = historyOf('0.2.0-shipment-shipped');
  const life = [historyOf('0.2.0-completed'), parcel, parcel];
  const all = billed(life);
  expect(all).toMatchObject({ start: 1, child: 4, signal: 5 });
  // The update of approval, and the timers and statuses of approval and picking.
  const left = { update: 1, timer: 2, status: 4 };
  expect(priced(life)).toBe(sum(Object.values(all)) - sum(Object.values(left)));
  expect(sum(Object.values(all))).toBe(37);
});
