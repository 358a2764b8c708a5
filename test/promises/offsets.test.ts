/**
 * Promise 1: an offset is committed only when its order is durably a workflow, its dead letter is
 * acknowledged, or its refusal's KPI event is.
 */
import { waitFor } from '../support/waitFor';
import { fatesOf, missingFor, needsEvent, needsLetter, placeOf } from './support/accounts';
import { heldUp, holdOrder } from './support/barriers';
import { removeMembers } from './support/consumerGroup';
import { startedOrders, untilClosed } from './support/orders';
import type { RoleProcess } from './support/roleProcess';
import {
  badSubmission,
  mixedStream,
  orderOf,
  originDigest,
  refusalEventId,
  type Sent,
  type Submission,
  send,
  submissionOf,
} from './support/submissions';
import {
  committedOffsets,
  deadLetterOrigins,
  eventIds,
  refuseRecords,
  untilAllCommitted,
} from './support/topics';
import { openWorld, type World } from './support/world';

jest.setTimeout(120_000);

let world: World;
const everythingSent: Sent[] = [];

beforeAll(async () => {
  world = await openWorld({ TEA: 1_000_000 });
});
afterAll(() => world?.close());

async function sendAll(submissions: readonly Submission[], partition?: number): Promise<Sent[]> {
  const sent = await send(world, submissions, partition);
  everythingSent.push(...sent);
  return sent;
}

async function kill(intake: RoleProcess): Promise<void> {
  expect(await intake.end('SIGKILL')).toEqual({ code: null, signal: 'SIGKILL' });
  await removeMembers(world);
}

describe('an intake that is killed in mid-stream', () => {
  const whenBegun = async (prefix: string) => (await startedOrders(world, prefix)) >= 5;
  const whenSomeIsCommitted = async (prefix: string, sent: readonly Sent[]) => {
    const committed = await committedOffsets(world);
    return (await whenBegun(prefix)) && sent.some(record => isBelow(committed, record));
  };
  it.each([
    ['when it has hardly begun', whenBegun],
    ['when a part is committed', whenSomeIsCommitted],
    ['when it is held up', async () => (await heldUp(world)) > 0],
  ])('%s has committed nothing that does not stand durably', (when, condition) =>
    world.run(async () => {
      const name = when.replaceAll(' ', '-');
      const barrier = submissionOf(orderOf(`${name}-barrier`));
      const release = await holdOrder(world, `${name}-barrier`);
      const sent = await sendAll(mixedStream(name, 72));

      // A few at a time, so that the kill finds most of the stream still to be done.
      const intake = await world.start('intake', { INTAKE_STARTS_IN_FLIGHT: '6' });
      await waitFor(() => whenBegun(name), 'the intake to begin');
      // Not before, or it might hold up all of them.
      sent.push(...(await sendAll([barrier], 0)));
      await waitFor(() => condition(name, sent), when);
      await kill(intake);
      const committed = await committedOffsets(world);
      const done = everythingSent.filter(record => isBelow(committed, record));
      const missing = await missingFor(world, sent, everythingSent);
      await release();

      expect(await missingFor(world, done, everythingSent)).toEqual([]);
      expect(await startedOrders(world, name)).toBeGreaterThan(0);
      expect(missing).not.toEqual([]);
    })(),
  );

  it('leaves all to the next one, which gives each record exactly what it must have', () =>
    world.run(async () => {
      await kill(await drained());
      expect(await missingFor(world, everythingSent)).toEqual([]);
      const fates = [...(await fatesOf(world, everythingSent))];
      const letters = fates.flatMap(([sent, fate]) => (needsLetter(fate) ? placeOf(sent) : []));
      expect(await deadLetterOrigins(world)).toEqual(new Set(letters));
      const events = fates.flatMap(([sent, fate]) =>
        needsEvent(fate) ? refusalEventId(sent) : [],
      );
      expect(await eventIds(world, 'InventoryErrors')).toEqual(new Set(events));
      for (const fate of ['accepted', 'duplicate', 'conflict', 'bad']) {
        expect(fates.filter(([, other]) => other === fate).length).toBeGreaterThan(0);
      }
    })());
});

describe('what can not be made durable', () => {
  const known = orderOf('known');
  const cases = {
    'the workflow of an order': {
      record: submissionOf(orderOf('waits-for-temporal')),
      others: () => Array.from({ length: 12 }, (_, i) => badSubmission(`other-${i}`)),
      withhold: async () => {
        await world.killServer('temporal');
        return () => world.startServer('temporal');
      },
      wasTried: () => has('SELECT FROM orders WHERE order_id = $1', 'waits-for-temporal'),
    },
    'the dead letter of a bad record': refusalCase(badSubmission('bad'), 'DeadLetterQueue'),
    'the KPI event of a duplicate': refusalCase(submissionOf(known), 'InventoryErrors'),
  };

  it.each(Object.entries(cases))(
    '%s holds back the offsets of its partition, and only those',
    (_, { record, others, withhold, wasTried }) =>
      world.run(async () => {
        await sendAll([submissionOf(known)], 0);
        const intake = await drained();

        const restore = await withhold();
        const [held] = await sendAll([record], 0);
        const free = (await sendAll(others())).filter(({ partition }) => partition !== 0);
        await waitFor(wasTried, 'the record to be tried');
        await waitFor(async () => {
          const committed = await committedOffsets(world);
          return free.every(sent => isBelow(committed, sent));
        }, 'the other partitions to be committed');
        await kill(intake);
        const committed = await committedOffsets(world);
        await restore();

        expect(committed[0]).toBe(held!.offset);
        expect(await missingFor(world, [held!], everythingSent)).toHaveLength(1);
        await kill(await drained());
        expect(await missingFor(world, everythingSent)).toEqual([]);
      })(),
  );

  function refusalCase(record: Submission, topic: string) {
    return {
      record,
      others: () => Array.from({ length: 12 }, (_, i) => submissionOf(orderOf(`${topic}-${i}`))),
      withhold: async () => {
        await refuseRecords(world, topic);
        return () => refuseRecords(world, topic, false);
      },
      wasTried: () => has('SELECT FROM refusals WHERE origin_digest = $1', originDigest(record)),
    };
  }
});

describe('every order that was accepted', () => {
  it('is closed exactly once', () =>
    world.run(async () => {
      const orders = await startedOrders(world);
      await world.start('order-worker');
      const runs = await untilClosed(world, orders);
      expect(runs.filter(({ status }) => status !== 'COMPLETED')).toEqual([]);
      expect(new Set(runs.map(({ orderId }) => orderId)).size).toBe(orders);
      expect(runs).toHaveLength(orders);
    })());
});

/** An intake that has done all there was to do. */
async function drained(): Promise<RoleProcess> {
  const intake = await world.start('intake');
  await untilAllCommitted(world);
  return intake;
}

const isBelow = (committed: readonly number[], { partition, offset }: Sent): boolean =>
  offset < committed[partition]!;

async function has(statement: string, value: string): Promise<boolean> {
  return (await world.sql(statement, [value])).length > 0;
}
