import { eventsOutside, eventsWithin, type Life } from '../../src/postgres/ledgerSurplus';
import { createDatabase, type TestDatabase } from '../support/database';

let database: TestDatabase;

beforeAll(async () => {
  database = await createDatabase();
});

afterAll(() => database.drop());

describe('the events that nobody explains', () => {
  it('are looked for with a plan for the lives at hand: one for any lives took minutes for ten thousand', async () => {
    const pool = database.openPool({ max: 1 });
    const span = { from: Date.now() - 600_000, to: Date.now() };
    const lives: Life[] = Array.from({ length: 100 }, (_, number) => ({
      workflowId: `order-${number}`,
      ...span,
    }));
    // Postgres thinks of a plan for any values from the sixth run on.
    for (let run = 0; run < 8; run++) {
      await eventsWithin(pool, lives, 'revenue');
      await eventsOutside(pool, span, lives, []);
    }

    const { rows } = await pool.query<{ plans: number }>(
      `SELECT coalesce(sum(generic_plans), 0)::int AS plans
       FROM pg_prepared_statements WHERE statement LIKE '%kpi_events%'`,
    );
    expect(rows).toEqual([{ plans: 0 }]);
  });
});
