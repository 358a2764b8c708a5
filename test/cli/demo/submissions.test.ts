import { lifeVariables } from '../../../src/cli/demo/environment';
import {
  dearProduct,
  demoProducts,
  discontinuedProduct,
  replenishedPieces,
  replenishedProduct,
} from '../../../src/cli/demo/products';
import {
  runHeader,
  type Submission,
  type SubmissionKind,
  submissions,
} from '../../../src/cli/demo/submissions';
import { readConfig } from '../../../src/config';
import { orderReceived } from '../../../src/messages/orderReceived';

const options = { idPrefix: 'demo-x-', seed: 1, now: () => '2026-01-31T09:30:00Z' };

function firstOf(count: number): Submission[] {
  const stream = submissions(options);
  return Array.from({ length: count }, () => stream.next().value);
}

const all = firstOf(200);
const ofKind = (kind: SubmissionKind) => all.filter(submission => submission.kind === kind);
const productsOf = (submission: Submission) =>
  orderReceived.schema.parse(orderIn(submission)).products;
const eventId = ({ records }: Submission) => records[0]!.headers?.ce_id;
const orderIn = ({ records }: Submission) => JSON.parse(String(records[0]!.value)) as unknown;

/** The submission that another one repeats. */
const repeated = (submission: Submission) => all[all.indexOf(submission) - 1]!;

describe('the stream of the demonstration', () => {
  it('has every kind within the first thirty', () => {
    const kinds = new Set(firstOf(30).map(({ kind }) => kind));
    expect(kinds).toEqual(
      new Set([
        'ordinary',
        'manyLines',
        'synthetic',
        'split',
        'aboveLimit',
        'backOrdered',
        'backOrderedInVain',
        'cancelledAtOnce',
        'cancelledInPicking',
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

  it('has orders of which each product lies elsewhere, so that they go in several parcels', () => {
    const placeOf = new Map(demoProducts.map(seed => [seed.productCode, seed.location]));
    for (const submission of ofKind('split')) {
      const places = productsOf(submission).map(({ productCode }) => placeOf.get(productCode));
      expect(places).toEqual(expect.arrayContaining(['main', 'north', 'south']));
    }
  });

  it('has orders that only a person may let pass, and their prices are the products’ own', () => {
    const limit = readConfig(lifeVariables(readConfig({}), 'x')).APPROVAL_LIMITS?.EUR;
    for (const submission of ofKind('aboveLimit')) {
      const dear = productsOf(submission).find(
        ({ productCode }) => productCode === dearProduct.productCode,
      );
      expect(dear).toEqual({ productCode: dearProduct.productCode, quantity: 1 });
    }
    expect(dearProduct.price).toBeGreaterThan(Number(limit));
  });

  it('has orders that wait for as much as is bought in at once, and for what never comes', () => {
    const waiting = [...ofKind('backOrdered'), ...ofKind('backOrderedInVain')];
    const wanted = waiting.map(submission => {
      const { allowBackOrder, products } = orderReceived.schema.parse(orderIn(submission));
      expect(allowBackOrder).toBe(true);
      return products.at(-1);
    });
    const quantity = replenishedPieces;
    expect(wanted).toContainEqual({ productCode: replenishedProduct.productCode, quantity });
    expect(wanted).toContainEqual({ productCode: discontinuedProduct.productCode, quantity });
  });
});
