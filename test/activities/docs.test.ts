/** docs/activities.md against the options with which workflows call their activities, and how these end. */
import { readFileSync } from 'node:fs';
import { msToNumber } from '@temporalio/common/lib/time';
import type { ActivityOptions } from '@temporalio/workflow';
import { createAnnouncementActivities } from '../../src/activities/announcements';
import { createInventoryActivities } from '../../src/activities/inventory';
import { createPaymentActivities } from '../../src/activities/payments';
import { createReconciliationActivities } from '../../src/activities/reconciliation';
import { createShippingActivities } from '../../src/activities/shipping';
import { createSweepActivities } from '../../src/activities/sweep';
import { errorCatalogue } from '../../src/errors';
import { authorizeWithin } from '../../src/workflows/activities';
import '../../src/workflows/watcher';
import { Endings, provokeAnnouncements, provokeInventory, provokePartners } from './endings';

jest.mock('@temporalio/workflow', () => {
  const called: Called[] = [];
  const proxyActivities = (options: ActivityOptions) =>
    new Proxy({}, { get: (_, activity) => called.push([String(activity), options]) });
  return { ...jest.requireActual('@temporalio/workflow'), proxyActivities, called };
});

type Called = readonly [activity: string, options: ActivityOptions];

/** With which options workflows call each activity. */
const { called } = jest.requireMock<{ readonly called: readonly Called[] }>('@temporalio/workflow');
authorizeWithin(60_000);

interface Row {
  readonly activities: readonly string[];
  /** As the table has them: how long one attempt may take, and the pauses between attempts. */
  readonly figures: readonly [string, string];
  readonly endings: readonly string[];
}

const named = (cell = ''): string[] => [...cell.matchAll(/`(\w+)`/g)].map(([, name]) => name!);

/** The first table of the page. */
const rows: Row[] = readFileSync('docs/activities.md', 'utf8')
  .split('\n## ')[0]!
  .split('\n')
  .filter(line => line.startsWith('| `'))
  .map(line =>
    line
      .slice(2, -1)
      .split('|')
      .map(cell => cell.trim()),
  )
  .map(([activities, time = '', pauses = '', , endings]) => ({
    activities: named(activities),
    figures: [time, pauses],
    endings: named(endings),
  }));

/** `[activity, ...]` of every row, for each activity that it names. */
const perActivity = <T>(of: (row: Row) => T): [string, T][] =>
  rows.flatMap(row => row.activities.map(activity => [activity, of(row)] as [string, T]));

const sorted = <T>(entries: readonly [string, T][]) =>
  [...entries].sort(([one], [other]) => (one < other ? -1 : 1));

function figuresOf({
  startToCloseTimeout,
  heartbeatTimeout,
  retry,
}: ActivityOptions): Row['figures'] {
  const heartbeat = heartbeatTimeout ? `, a heartbeat within ${spelled(heartbeatTimeout)}` : '';
  const attempts = retry?.maximumAttempts ? `; ${retry.maximumAttempts} attempts` : '';
  expect(retry?.backoffCoefficient).toBe(2);
  return [
    `${spelled(startToCloseTimeout)}${heartbeat}`,
    `${spelled(retry?.initialInterval)}, doubling up to ${spelled(retry?.maximumInterval)}${attempts}`,
  ];
}

function spelled(duration: ActivityOptions['startToCloseTimeout']): string {
  const ms = msToNumber(duration!);
  if (ms % 60_000 === 0) return `${ms / 60_000} min`;
  return ms % 1_000 === 0 ? `${ms / 1_000} s` : `${ms} ms`;
}

const givenUp = (activity: string): readonly string[] =>
  called.find(([name]) => name === activity)?.[1].retry?.nonRetryableErrorTypes ?? [];

describe('docs/activities.md', () => {
  it('lists every activity that a worker has, and none besides', () => {
    const nothing = undefined as never;
    const implemented = {
      ...createInventoryActivities({ reservations: {} as never }),
      ...createAnnouncementActivities({ publisher: nothing }),
      ...createPaymentActivities({ gateway: nothing }),
      ...createShippingActivities({ carrier: undefined }),
      ...createReconciliationActivities({ step: nothing }),
      ...createSweepActivities({ sweep: nothing }),
    };
    const listed = perActivity(() => undefined).map(([activity]) => activity);
    expect(listed.sort()).toEqual(Object.keys(implemented).sort());
  });

  it('has the times and pauses with which workflows call each of them', () => {
    const figures = called.map(([activity, options]): [string, Row['figures']] => [
      activity,
      figuresOf(options),
    ]);
    expect(sorted(perActivity(row => row.figures))).toEqual(sorted(figures));
  });

  it('says of no other than authorizePayment that its whole is limited', () => {
    const limited = called.filter(
      ([, { scheduleToCloseTimeout, scheduleToStartTimeout, retry }]) =>
        scheduleToCloseTimeout ?? scheduleToStartTimeout ?? retry?.maximumAttempts,
    );
    expect(limited.map(([activity]) => activity)).toEqual(['authorizePayment']);
  });

  it('names as ends only errors of the catalogue that no attempt follows', () => {
    const followed = perActivity(({ endings }) => endings).flatMap(([activity, endings]) =>
      endings.filter(
        code =>
          !(code in errorCatalogue) ||
          (errorCatalogue[code as keyof typeof errorCatalogue].transient &&
            !givenUp(activity).includes(code)),
      ),
    );
    expect(followed).toEqual([]);
  });

  it('names all with which the steps of an order end, whatever goes wrong where they are done', async () => {
    const endings = new Endings();
    await provokeInventory(endings);
    await provokePartners(endings);
    await provokeAnnouncements(endings);
    const ofOrders = perActivity(row => [...row.endings].sort()).filter(
      ([activity]) => !['reconcileNext', 'sweepOrders'].includes(activity),
    );
    expect(ofOrders).toEqual(
      ofOrders.map(([activity]) => [activity, endings.forGood(activity, givenUp(activity))]),
    );
  });
});
