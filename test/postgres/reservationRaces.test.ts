import fc from 'fast-check';
import { allocate } from '../../src/domain/allocation';
import type { Reservation, ReservationRequest } from '../../src/domain/reservation';
import { createReservations, type Reservations } from '../../src/postgres/reservations';
import { listStock, seedStock } from '../../src/postgres/stock';
import { stockAudit } from '../../src/postgres/stockAudit';
import { createDatabase, type TestDatabase } from '../support/database';
import { backendWaitingForLock } from '../support/locks';

const productCodes = ['A', 'B', 'C'];
const onHand = 10;
const products = productCodes.map(productCode => ({
  productCode,
  price: 100,
  currency: 'EUR',
  onHand,
}));

let database: TestDatabase;
let services: Reservations[];
const service = (i: number) => services[i % services.length] as Reservations;

beforeAll(async () => {
  database = await createDatabase();
  services = [1, 2, 3].map(() => createReservations(database.openPool(), { ttlHours: 72 }));
});
afterAll(() => database.drop());
beforeEach(() => restock());

async function restock(): Promise<void> {
  await database.pool.query(
    'TRUNCATE products, stock, stock_movements, reservations, reservation_lines',
  );
  await seedStock(database.pool, products);
}

const one = (orderId: string, productCode: string, quantity = 1): ReservationRequest => ({
  orderId,
  currency: 'EUR',
  lines: [{ productCode, quantity }],
});

const reservedOf = async (productCode: string) =>
  (await listStock(database.pool)).find(p => p.productCode === productCode)?.reserved;

describe('several processes that reserve and release at once', () => {
  it('never oversell a hot product, and sell all of it', async () => {
    const calls = Array.from({ length: 300 }, (_, i) =>
      service(i).reserve(one(`order-${i}`, 'A', 1 + (i % 2))),
    );
    const answers = await Promise.all(calls);
    const sold = answers.reduce(
      (sum, answer, i) => sum + (answer.status === 'reserved' ? 1 + (i % 2) : 0),
      0,
    );
    expect(sold).toBe(onHand);
    expect(await reservedOf('A')).toBe(onHand);
    expect(await stockAudit(database.pool)).toEqual([]);
  });

  it('see what another one changed while they waited for it', async () => {
    const other = await database.pool.connect();
    try {
      await other.query(
        "BEGIN; SELECT FROM products FOR UPDATE; UPDATE stock SET on_hand = 4 WHERE product_code = 'A'",
      );
      const call = service(0).reserve(one('late', 'A', 5));
      await backendWaitingForLock(database.pool);
      await other.query('COMMIT');
      expect((await call).status).toBe('short');
    } finally {
      other.release();
    }
  });

  it('decide an order once that all of them are given', async () => {
    const answers = await Promise.all(
      [0, 1, 2].flatMap(i => [
        service(i).reserve(one('x', 'A')),
        service(i).reserve(one('y', 'B')),
      ]),
    );
    expect(answers.map(answer => answer.status)).toEqual(Array(6).fill('reserved'));
    expect([await reservedOf('A'), await reservedOf('B')]).toEqual([1, 1]);
  });

  it('leave nothing held by an order that was released while it was reserved', async () => {
    for (let round = 0; round < 30; round++) {
      const orderId = `round-${round}`;
      const [reserved, released] = await Promise.all([
        service(round).reserve(one(orderId, 'A')),
        service(round + 1).release(orderId),
      ]);
      expect(['reserved', 'released']).toContain(reserved.status);
      expect(released).toEqual({ status: 'released' });
    }
    expect(await reservedOf('A')).toBe(0);
    expect(await stockAudit(database.pool)).toEqual([]);
  });
});

type Step =
  | { readonly kind: 'reserve'; readonly request: ReservationRequest }
  | { readonly kind: 'release'; readonly orderId: string };

const orderId = fc.constantFrom('1', '2', '3', '4', '5', '6');
const lines = fc.array(
  fc.record({
    productCode: fc.constantFrom(...productCodes, 'unknown'),
    quantity: fc.integer({ min: 1, max: 7 }),
  }),
  { minLength: 1, maxLength: 3 },
);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.tuple(orderId, lines).map(([id, l]) => reserveStep(id, l)) },
  { weight: 1, arbitrary: orderId.map(id => ({ kind: 'release' as const, orderId: id })) },
);
const reserveStep = (id: string, l: ReservationRequest['lines']): Step => ({
  kind: 'reserve',
  request: { orderId: id, currency: 'EUR', lines: l },
});

const perform = (reservations: Reservations, todo: Step): Promise<Reservation> =>
  todo.kind === 'reserve' ? reservations.reserve(todo.request) : reservations.release(todo.orderId);

/** The same rules in memory, one call at a time. */
class Model {
  private readonly answers = new Map<string, Reservation>();
  private readonly held = new Map<string, ReadonlyMap<string, number>>();

  perform(todo: Step): Reservation {
    return todo.kind === 'reserve' ? this.reserve(todo.request) : this.release(todo.orderId);
  }

  reserved(productCode: string): number {
    return [...this.held.values()].reduce((sum, held) => sum + (held.get(productCode) ?? 0), 0);
  }

  private reserve(request: ReservationRequest): Reservation {
    const known = this.answers.get(request.orderId);
    if (known !== undefined) return known;
    const stock = products.map(p => {
      const reserved = this.reserved(p.productCode);
      return { ...p, backOrdered: 0, locations: [{ location: 'main', onHand, reserved }] };
    });
    const [allocation] = allocate(stock, [request]);
    if (allocation === undefined) throw new Error('no allocation');
    this.answers.set(request.orderId, allocation.outcome);
    if (allocation.outcome.status === 'reserved') {
      const sums = new Map<string, number>();
      for (const { productCode, quantity } of request.lines) {
        sums.set(productCode, (sums.get(productCode) ?? 0) + quantity);
      }
      this.held.set(request.orderId, sums);
    }
    return allocation.outcome;
  }

  private release(id: string): Reservation {
    const known = this.answers.get(id);
    if (known?.status === 'short') return known;
    this.held.delete(id);
    this.answers.set(id, { status: 'released' });
    return { status: 'released' };
  }
}

describe('any course of reserves and releases', () => {
  it('answers as the model does where the calls come one after the other', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 15 }), async steps => {
        await restock();
        const model = new Model();
        for (const [i, todo] of steps.entries()) {
          expect(await perform(service(i), todo)).toEqual(model.perform(todo));
        }
        for (const { productCode, reserved } of await listStock(database.pool)) {
          expect(reserved).toBe(model.reserved(productCode));
        }
        expect(await stockAudit(database.pool)).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });

  it('adds up where the calls overlap, and never takes back an answer but by a release', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async steps => {
        await restock();
        const answers = await Promise.all(steps.map((todo, i) => perform(service(i), todo)));
        expect(await stockAudit(database.pool)).toEqual([]);
        for (const id of new Set(steps.map(idOf))) {
          const final = await service(0).reserve(one(id, 'unknown'));
          const released = steps.some(s => s.kind === 'release' && idOf(s) === id);
          if (released) expect(final.status).not.toBe('reserved');
          const seen = answers.filter((_, i) => idOf(steps[i] as Step) === id);
          const [first, ...others] = [...seen, final].filter(a => a.status !== 'released');
          for (const other of others) expect(other).toEqual(first);
        }
      }),
      { numRuns: 40 },
    );
  });
});

const idOf = (s: Step): string => (s.kind === 'reserve' ? s.request.orderId : s.orderId);

describe('trouble in the middle of a reservation', () => {
  it('reserves once when the connection is cut before the commit and the call is repeated', async () => {
    const holder = await database.pool.connect();
    try {
      await holder.query("BEGIN; SELECT FROM products WHERE product_code = 'A' FOR UPDATE");
      const call = service(0).reserve(one('cut', 'A'));
      const failure = expect(call).rejects.toMatchObject({
        code: 'PostgresUnavailable',
        transient: true,
      });
      const pid = await backendWaitingForLock(database.pool);
      await database.pool.query('SELECT pg_terminate_backend($1)', [pid]);
      await failure;
      await holder.query('COMMIT');
    } finally {
      holder.release();
    }
    expect(await reservedOf('A')).toBe(0);
    expect((await service(0).reserve(one('cut', 'A'))).status).toBe('reserved');
    expect((await service(1).reserve(one('cut', 'A'))).status).toBe('reserved');
    expect(await reservedOf('A')).toBe(1);
    expect(await stockAudit(database.pool)).toEqual([]);
  });

  it('begins anew after a deadlock, and reserves once', async () => {
    await failTheFirst('40P01');
    expect((await service(0).reserve(one('deadlocked', 'A'))).status).toBe('reserved');
    expect(await attemptsMade()).toBe(2);
    expect(await reservedOf('A')).toBe(1);
    expect(await stockAudit(database.pool)).toEqual([]);
  });

  it('does not run a batch again order by order while Postgres is in trouble', async () => {
    await failTheFirst('53200');
    const calls = ['1', '2', '3'].map(id => service(0).reserve(one(id, 'A')));
    for (const settled of await Promise.allSettled(calls)) {
      expect(settled).toMatchObject({ reason: { code: 'PostgresUnavailable' } });
    }
    expect(await attemptsMade()).toBe(1);
    const repeated = await Promise.all(['1', '2', '3'].map(id => service(0).reserve(one(id, 'A'))));
    expect(repeated.map(answer => answer.status)).toEqual(['reserved', 'reserved', 'reserved']);
    expect(await reservedOf('A')).toBe(3);
  });

  /** The first change of a product fails with this state; the sequence survives the roll-back. */
  const failTheFirst = (state: string) =>
    database.pool.query(
      `CREATE SEQUENCE attempts;
       CREATE FUNCTION fail_once() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
         IF nextval('attempts') = 1 THEN RAISE EXCEPTION 'sabotage' USING ERRCODE = '${state}'; END IF;
         RETURN NEW;
       END $$;
       CREATE TRIGGER sabotage BEFORE UPDATE ON stock
         FOR EACH STATEMENT EXECUTE FUNCTION fail_once()`,
    );
  const attemptsMade = async () =>
    (await database.pool.query('SELECT last_value FROM attempts')).rows[0].last_value as number;
  afterEach(() =>
    database.pool.query(
      'DROP FUNCTION IF EXISTS fail_once CASCADE; DROP SEQUENCE IF EXISTS attempts',
    ),
  );
});
