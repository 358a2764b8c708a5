import {
  runHeader,
  type Submission,
  type SubmissionKind,
  submissions,
} from '../../../src/cli/demo/submissions';
import { orderReceived } from '../../../src/messages/orderReceived';

const options = { idPrefix: 'demo-x-', seed: 1, now: () => '2026-01-31T09:30:00Z' };

function firstOf(count: number): Submission[] {
  const stream = submissions(options);
  return Array.from({ length: count }, () => stream.next().value);
}

const all = firstOf(200);
const ofKind = (kind: SubmissionKind) => all.filter(submission => submission.kind === kind);
const eventId = ({ records }: Submission) => records[0]!.headers?.ce_id;
const orderIn = ({ records }: Submission) => JSON.parse(String(records[0]!.value)) as unknown;

/** The submission that another one repeats. */
const repeated = (submission: Submission) => all[all.indexOf(submission) - 1]!;

describe('the stream of the demonstration', () => {
  it('has every kind within the first twenty', () => {
    const kinds = new Set(firstOf(20).map(({ kind }) => kind));
    expect(kinds).toEqual(
      new Set([
        'ordinary',
        'manyLines',
        'synthetic',
        'cancelled',
        'redelivered',
        'duplicate',
        'conflicting',
        'malformed',
        'unknownProduct',
        'outOfStock',
      ]),
    );
  });

  it('holds valid orders, but for the malformed', () => {
    for (const submission of all.filter(({ kind }) => kind !== 'malformed')) {
      const parsed = orderReceived.schema.safeParse(orderIn(submission));
      expect(parsed.error).toBeUndefined();
      expect(parsed.data?.orderId).toBe(submission.orderId);
    }
  });

  it('writes a redelivered submission twice under one event id, and every other once', () => {
    for (const { kind, records } of all) {
      expect(records).toHaveLength(kind === 'redelivered' ? 2 : 1);
      expect(records.at(-1)).toEqual(records[0]);
    }
  });

  it('repeats an order with the same content and another event id as a duplicate', () => {
    for (const duplicate of ofKind('duplicate')) {
      expect(orderIn(duplicate)).toEqual(orderIn(repeated(duplicate)));
      expect(eventId(duplicate)).not.toBe(eventId(repeated(duplicate)));
    }
  });

  it('repeats an order id with other content as a conflict', () => {
    for (const conflict of ofKind('conflicting')) {
      expect(conflict.orderId).toBe(repeated(conflict).orderId);
      expect(orderIn(conflict)).not.toEqual(orderIn(repeated(conflict)));
    }
  });

  it('gives every other submission an order id of its own, under the prefix of the run', () => {
    const first = all.filter(({ kind }) => kind !== 'duplicate' && kind !== 'conflicting');
    const ids = first.map(({ orderId }) => orderId);
    expect(new Set(ids).size).toBe(first.length);
    for (const orderId of ids) expect(orderId.startsWith('demo-x-')).toBe(true);
  });

  it('marks every record with its run', () => {
    for (const { records } of all) {
      for (const { headers } of records) expect(headers?.[runHeader]).toBe('demo-x-');
    }
  });

  it('has orders of many lines, and at most as many as are taken', () => {
    for (const submission of ofKind('manyLines')) {
      const { products } = orderReceived.schema.parse(orderIn(submission));
      expect(products.length).toBeGreaterThanOrEqual(60);
    }
  });
});
