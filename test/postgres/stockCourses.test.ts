/** Any course of what may happen to stock, held against a model that counts everything anew each time. */
import fc from 'fast-check';
import type { ReservationRequest } from '../../src/domain/reservation';
import type { Parcel } from '../../src/domain/shipping';
import { createReservations, type Reservations } from '../../src/postgres/reservations';
import { addStock, listStock, seedStock, setStock } from '../../src/postgres/stock';
import { stockAudit } from '../../src/postgres/stockAudit';
import { createDatabase, type TestDatabase } from '../support/database';

const productCodes = ['A', 'B'];
const orderIds = ['1', '2', '3', '4', '5', '6', '7'];

type Step =
  | { readonly kind: 'reserve'; readonly request: ReservationRequest }
  | { readonly kind: 'release'; readonly orderId: string }
  | { readonly kind: 'add' | 'set'; readonly at: Place; readonly quantity: number }
  | { readonly kind: 'ship' | 'return'; readonly orderId: string; readonly shipment: string };

interface Place {
  readonly productCode: string;
  readonly location: string;
}

const orderId = fc.constantFrom(...orderIds);
const wants = fc
  .uniqueArray(fc.constantFrom(...productCodes), { minLength: 1 })
  .chain(codes =>
    fc.tuple(...codes.map(code => fc.tuple(fc.constant(code), fc.integer({ min: 1, max: 4 })))),
  );
const at = fc.record({
  productCode: fc.constantFrom(...productCodes),
  location: fc.constantFrom('main', 'north'),
});
const quantity = fc.integer({ min: 1, max: 5 });
const shipment = fc.constantFrom('1', '2');
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(orderId, wants, fc.integer({ min: 0, max: 3 }))
      .map(([id, lines, patience]) => reserveStep(id, lines, patience > 0)),
  },
  { weight: 1, arbitrary: orderId.map(id => ({ kind: 'release' as const, orderId: id })) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('add' as const), at, quantity }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('set' as const), at, quantity }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('ship' as const), orderId, shipment }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('return' as const), orderId, shipment }) },
);
const reserveStep = (id: string, lines: [string, number][], mayWait: boolean): Step => ({
  kind: 'reserve',
  request: {
    orderId: id,
    currency: 'EUR',
    mayWait,
    lines: lines.map(([productCode, pieces]) => ({ productCode, quantity: pieces })),
  },
});

let database: TestDatabase;
let services: { pool: TestDatabase['pool']; reservations: Reservations }[];

beforeAll(async () => {
  database = await createDatabase();
  services = [1, 2, 3].map(() => {
    const pool = database.openPool();
    return { pool, reservations: createReservations(pool, { ttlHours: 72 }) };
  });
});
afterAll(() => database.drop());

async function restock(): Promise<void> {
  await database.pool.query(
    `TRUNCATE products, stock, stock_movements, reservations, reservation_lines, back_orders, wake_ups`,
  );
  const product = { price: 100, currency: 'EUR', onHand: 3 };
  await seedStock(
    database.pool,
    productCodes.map(productCode => ({ ...product, productCode })),
  );
}

/** Performs a step in one of the processes; answers with the status, or with what refused it. */
async function perform(todo: Step, process: number): Promise<string> {
  const { pool, reservations } = services[process % services.length]!;
  try {
    switch (todo.kind) {
      case 'reserve':
        return (await reservations.reserve(todo.request)).status;
      case 'release':
        return (await reservations.release(todo.orderId)).status;
      case 'add':
        await addStock(pool, todo.at.productCode, todo.quantity, todo.at);
        return 'done';
      case 'set':
        await setStock(pool, todo.at.productCode, todo.quantity, todo.at);
        return 'done';
      case 'ship':
        await reservations.ship(todo);
        return 'done';
      case 'return':
        await reservations.returnParcel(todo);
        return 'done';
    }
  } catch (thrown) {
    const code = (thrown as { code?: string }).code;
    if (code === 'StockBelowReserved' || code === 'ParcelNotReserved') return code;
    throw thrown;
  }
}

/** Orders that may collect what they wait for, of which no wake-up tells. */
async function forgotten(): Promise<unknown[]> {
  const { rows } = await database.pool.query(
    `SELECT order_id FROM back_orders JOIN products USING (product_code)
     GROUP BY order_id HAVING bool_and(position <= covered_until)
     EXCEPT SELECT order_id FROM wake_ups`,
  );
  return rows;
}

interface ModelOrder {
  status: string;
  readonly wants: ReadonlyMap<string, number>;
  /** What it holds, as the inventory split it; only of an order that was served. */
  parcels: (Parcel & { state: 'held' | 'shipped' | 'returned' })[];
}

/** The rules with nothing kept but orders and pieces on hand. */
class Model {
  /** In the order in which they came. */
  readonly orders = new Map<string, ModelOrder>();
  private readonly onHand = new Map<string, number>(productCodes.map(code => [`${code} main`, 3]));

  perform(todo: Step, parcels: readonly Parcel[]): string {
    switch (todo.kind) {
      case 'reserve':
        return this.reserve(todo.request, parcels);
      case 'release':
        return this.release(todo.orderId);
      case 'add':
        return this.set(todo.at, this.at(todo.at) + todo.quantity);
      case 'set':
        if (this.heldAt(todo.at) > todo.quantity) return 'StockBelowReserved';
        return this.set(todo.at, todo.quantity);
      case 'ship':
        return this.ship(todo);
      case 'return':
        return this.giveBack(todo);
    }
  }

  sums(productCode: string) {
    const places = ['main', 'north'].map(location => ({ productCode, location }));
    const onHand = places.reduce((sum, place) => sum + this.at(place), 0);
    const reserved = places.reduce((sum, place) => sum + this.heldAt(place), 0);
    return { onHand, reserved, backOrdered: this.wantedBefore(productCode) };
  }

  private at({ productCode, location }: Place): number {
    return this.onHand.get(`${productCode} ${location}`) ?? 0;
  }

  private set(place: Place, pieces: number): string {
    this.onHand.set(`${place.productCode} ${place.location}`, pieces);
    return 'done';
  }

  private heldAt({ productCode, location }: Place): number {
    return [...this.orders.values()]
      .flatMap(order => order.parcels)
      .filter(parcel => parcel.state === 'held' && parcel.location === location)
      .flatMap(parcel => parcel.products)
      .filter(line => line.productCode === productCode)
      .reduce((sum, line) => sum + line.quantity, 0);
  }

  /** What waiting orders want of it that came before this one; all of them where none is named. */
  private wantedBefore(productCode: string, id?: string): number {
    const all = [...this.orders];
    const index = all.findIndex(([other]) => other === id);
    return all
      .slice(0, index === -1 ? undefined : index)
      .filter(([, { status }]) => status === 'waiting')
      .reduce((sum, [, order]) => sum + (order.wants.get(productCode) ?? 0), 0);
  }

  private reserve({ orderId: id, lines, mayWait }: ReservationRequest, parcels: readonly Parcel[]) {
    const known = this.orders.get(id);
    if (known !== undefined && known.status !== 'waiting') return known.status;
    const order = known ?? {
      status: 'new',
      wants: new Map(lines.map(line => [line.productCode, line.quantity])),
      parcels: [],
    };
    const fits = [...order.wants].every(([code, pieces]) => {
      const { onHand, reserved } = this.sums(code);
      return pieces <= onHand - reserved - this.wantedBefore(code, id);
    });
    this.orders.set(id, order);
    order.status = fits ? 'reserved' : mayWait || known !== undefined ? 'waiting' : 'short';
    if (fits) order.parcels = parcels.map(parcel => ({ ...parcel, state: 'held' }));
    return order.status;
  }

  private release(id: string): string {
    const order = this.orders.get(id) ?? { status: 'new', wants: new Map(), parcels: [] };
    this.orders.set(id, order);
    if (order.status === 'short' || order.status === 'shipped') return order.status;
    for (const parcel of order.parcels) if (parcel.state === 'held') parcel.state = 'returned';
    order.status = 'released';
    return this.close(order);
  }

  private ship({ orderId: id, shipment: number }: { orderId: string; shipment: string }): string {
    const order = this.orders.get(id);
    const parcel = order?.parcels.find(other => other.shipment === number);
    if (order === undefined || parcel === undefined) return 'ParcelNotReserved';
    if (parcel.state === 'returned') return 'ParcelNotReserved';
    if (parcel.state === 'held') {
      parcel.state = 'shipped';
      for (const { productCode, quantity: pieces } of parcel.products) {
        const place = { productCode, location: parcel.location };
        this.set(place, this.at(place) - pieces);
      }
    }
    this.close(order);
    return 'done';
  }

  private giveBack({ orderId: id, shipment: number }: { orderId: string; shipment: string }) {
    const order = this.orders.get(id);
    const parcel = order?.parcels.find(other => other.shipment === number);
    if (order !== undefined && parcel?.state === 'held') {
      parcel.state = 'returned';
      this.close(order);
    }
    return 'done';
  }

  private close(order: ModelOrder): string {
    if (order.parcels.length > 0 && order.parcels.every(parcel => parcel.state !== 'held')) {
      const shipped = order.parcels.some(parcel => parcel.state === 'shipped');
      order.status = shipped ? 'shipped' : 'released';
    }
    return order.status;
  }
}

/** In which parcels an order was reserved, whatever has become of them since. */
async function parcelsOf(todo: Step): Promise<Parcel[]> {
  if (todo.kind !== 'reserve') return [];
  const { rows } = await database.pool.query(
    "SELECT outcome -> 'parcels' AS parcels FROM reservations WHERE order_id = $1",
    [todo.request.orderId],
  );
  return rows[0]?.parcels ?? [];
}

describe('any course of reserving, waiting, replenishing, releasing, shipping and returning', () => {
  it('ends each step as the model does, where the steps come one after the other', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async steps => {
        await restock();
        const model = new Model();
        for (const [i, todo] of steps.entries()) {
          const answer = await perform(todo, i);
          expect([i, answer]).toEqual([i, model.perform(todo, await parcelsOf(todo))]);
          for (const product of await listStock(database.pool)) {
            expect(product).toMatchObject(model.sums(product.productCode));
          }
          expect(await stockAudit(database.pool)).toEqual([]);
          expect(await forgotten()).toEqual([]);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('adds up, and passes nobody over, where the steps of several processes overlap', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(step, { minLength: 2, maxLength: 12 }), { maxLength: 5 }),
        async rounds => {
          await restock();
          for (const steps of rounds) {
            await Promise.all(steps.map(perform));
            expect(await stockAudit(database.pool)).toEqual([]);
            expect(await forgotten()).toEqual([]);
          }
        },
      ),
      { numRuns: 150 },
    );
  });
});
