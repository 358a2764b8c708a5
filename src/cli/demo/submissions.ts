/**
 * The stream of the demonstration: a script of twenty submissions, again and again, so that every kind
 * comes early and in a share that is known.
 */
import type { OutgoingRecord } from '../../kafka/record';
import type { Order } from '../../messages/orderReceived';
import { between, createRandom, type Random } from '../orders/random';
import { randomOrder } from '../orders/randomOrder';
import { submissionOf } from '../orders/submission';
import { badMessage } from './badMessages';
import { demoProducts, scarceProduct, soldOutProduct, unknownProductCode } from './products';

export type SubmissionKind =
  | 'ordinary'
  | 'manyLines'
  | 'synthetic'
  | 'cancelled'
  | 'redelivered'
  | 'duplicate'
  | 'conflicting'
  | 'malformed'
  | 'unknownProduct'
  | 'outOfStock';

/** One submission; `records` are what is written: the same twice where it is redelivered. */
export interface Submission {
  readonly kind: SubmissionKind;
  readonly orderId: string;
  readonly records: readonly OutgoingRecord[];
}

/** A duplicate and a conflict repeat the order of the submission before them. */
const script: readonly SubmissionKind[] = [
  'ordinary',
  'duplicate',
  'ordinary',
  'malformed',
  'redelivered',
  'ordinary',
  'unknownProduct',
  'ordinary',
  'conflicting',
  'ordinary',
  'manyLines',
  'ordinary',
  'malformed',
  'cancelled',
  'outOfStock',
  'ordinary',
  'synthetic',
  'ordinary',
  'ordinary',
  'ordinary',
];

/** On every record of a run, so that its records are told from all others; dead letters keep it. */
export const runHeader = 'orderly-demo-run';

export interface StreamOptions {
  /** What all order ids of the run begin with. */
  readonly idPrefix: string;
  readonly seed: number;
  /** RFC 3339, asked for each order. */
  readonly now: () => string;
}

/** An endless stream. All that is random in it follows from the seed, but for the event ids. */
export function* submissions(options: StreamOptions): Generator<Submission, never, undefined> {
  const random = createRandom(options.seed);
  let before: Order | undefined;
  let malformed = 0;
  for (let number = 0; ; number++) {
    const kind = script[number % script.length]!;
    const repeats = kind === 'duplicate' || kind === 'conflicting';
    const orderId = `${options.idPrefix}${number}`;
    const placedAt = options.now();
    const order = repeats && before ? before : orderOf(kind, random, orderId, placedAt);
    before = order;
    const record =
      kind === 'malformed'
        ? badMessage(malformed++, order)
        : submissionOf(kind === 'conflicting' ? changed(order) : order);
    const marked = { ...record, headers: { ...record.headers, [runHeader]: options.idPrefix } };
    const records = kind === 'redelivered' ? [marked, marked] : [marked];
    yield { kind, orderId: order.orderId, records };
  }
}

function orderOf(kind: SubmissionKind, random: Random, orderId: string, placedAt: string): Order {
  const from = { orderId, placedAt, products: [...demoProducts, scarceProduct] };
  switch (kind) {
    case 'manyLines':
      return randomOrder(random, {
        ...from,
        products: demoProducts,
        lines: between(random, 60, 500),
      });
    case 'synthetic':
      return randomOrder(random, { ...from, synthetic: true });
    case 'unknownProduct':
      return withLine(randomOrder(random, from), unknownProductCode, 1);
    case 'outOfStock':
      return withLine(randomOrder(random, from), soldOutProduct.productCode, 1_000);
    default:
      return randomOrder(random, from);
  }
}

const withLine = (order: Order, productCode: string, quantity: number): Order => ({
  ...order,
  products: [...order.products, { productCode, quantity }],
});

/** The same order id with other content. */
const changed = (order: Order): Order => withLine(order, demoProducts[0]!.productCode, 1);
