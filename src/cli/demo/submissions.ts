/**
 * The stream of the demonstration: a script of thirty submissions, again and again, so that every kind
 * comes early and in a share that is known.
 */
import type { OutgoingRecord } from '../../kafka/record';
import type { Order } from '../../messages/orderReceived';
import type { ProductSeed } from '../../postgres/stock';
import { between, createRandom, type Random } from '../orders/random';
import { randomOrder } from '../orders/randomOrder';
import { newIdPrefix, submissionOf } from '../orders/submission';
import { badMessage } from './badMessages';
import {
  dearProduct,
  demoProducts,
  discontinuedProduct,
  productsFarApart,
  replenishedPieces,
  replenishedProduct,
  scarceProduct,
  soldOutProduct,
  unknownProductCode,
} from './products';

export type SubmissionKind =
  | 'ordinary'
  | 'manyLines'
  | 'synthetic'
  | 'split'
  | 'aboveLimit'
  | 'backOrdered'
  | 'backOrderedInVain'
  | 'cancelledAtOnce'
  | 'cancelledInPicking'
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
  'aboveLimit',
  'unknownProduct',
  'split',
  'conflicting',
  'backOrdered',
  'ordinary',
  'manyLines',
  'ordinary',
  'malformed',
  'cancelledAtOnce',
  'outOfStock',
  'ordinary',
  'synthetic',
  'cancelledInPicking',
  'ordinary',
  'backOrderedInVain',
  'aboveLimit',
  'ordinary',
  'split',
  'redelivered',
  'ordinary',
  'cancelledInPicking',
  'ordinary',
  'backOrdered',
  'ordinary',
];

/** On every record of a run, so that its records are told from all others; dead letters keep it. */
export const runHeader = 'orderly-demo-run';

/** What the ids of all orders begin with that any demonstration has ever sent. */
const demoName = 'demo';

/** A beginning for the order ids of one run. */
export const newDemoPrefix = (): string => newIdPrefix(demoName);

/** Whether some demonstration has sent it: this one, or one before that was interrupted. */
export const isDemoOrder = (orderId: string): boolean => orderId.startsWith(`${demoName}-`);

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
    case 'split':
      return productsFarApart.reduce(
        (order, productCode) => withLine(order, productCode, 1),
        randomOrder(random, { ...from, products: demoProducts }),
      );
    case 'aboveLimit':
      return withLine(
        randomOrder(random, { ...from, products: demoProducts }),
        dearProduct.productCode,
        1,
      );
    case 'cancelledAtOnce':
    case 'cancelledInPicking':
      // Of what is always there: an order that is rejected is too late to be cancelled.
      return randomOrder(random, { ...from, products: demoProducts });
    case 'backOrdered':
      return waiting(random, from, replenishedProduct);
    case 'backOrderedInVain':
      return waiting(random, from, discontinuedProduct);
    case 'unknownProduct':
      return withLine(randomOrder(random, from), unknownProductCode, 1);
    case 'outOfStock':
      return withLine(randomOrder(random, from), soldOutProduct.productCode, 1_000);
    default:
      return randomOrder(random, from);
  }
}

/** Of nothing else that may run out: then it would wait for what nobody brings. */
const waiting = (
  random: Random,
  from: Pick<Order, 'orderId' | 'placedAt'>,
  { productCode }: ProductSeed,
): Order => ({
  ...withLine(
    randomOrder(random, { ...from, products: demoProducts, lines: 1 }),
    productCode,
    replenishedPieces,
  ),
  allowBackOrder: true,
});

const withLine = (order: Order, productCode: string, quantity: number): Order => ({
  ...order,
  products: [...order.products, { productCode, quantity }],
});

/** The same order id with other content. */
const changed = (order: Order): Order => withLine(order, demoProducts[0]!.productCode, 1);
