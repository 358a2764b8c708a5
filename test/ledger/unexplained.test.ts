/** What reconciliation could not explain, read beside the figures that it doubts. */
import { readKpi } from '../../src/ledger/read';
import { saveFindings } from '../../src/postgres/findings';
import { createDatabase, type TestDatabase } from '../support/database';
import { testKpi } from './events';
import { finding, minute, noon, query } from './reading';
import { station } from './station';

jest.setTimeout(60_000);

let database: TestDatabase;
beforeEach(async () => {
  database = await createDatabase();
});
afterEach(() => database?.drop());

describe('what reconciliation could not explain', () => {
  it('is told by window, of this version alone', async () => {
    const kpi = testKpi();
    const { ledger } = station(database, kpi.catalogue);
    const own = `${kpi.name}@1:milestone:order`;
    await saveFindings(database.pool, 'deep', [
      finding(`${own}-a:OrderConfirmed`, noon, 'unexplained'),
      finding(`${own}-b:OrderConfirmed`, noon + minute - 1, 'unexplained'),
      finding(`${own}-c:OrderConfirmed`, noon + 2 * minute, 'unexplained'),
      finding(`${own}-d:OrderConfirmed`, noon + minute, 'repaired'),
      finding(`${own}-e:OrderConfirmed`, noon - 1, 'unexplained'),
      finding(`${kpi.name}@12:milestone:order-f:OrderConfirmed`, noon, 'unexplained'),
      finding(`a${own}-g:OrderConfirmed`, noon, 'unexplained'),
    ]);
    const { unexplained } = await readKpi(ledger, query(kpi.name, { until: noon + 3 * minute }));
    expect(unexplained).toEqual([
      { start: '2026-01-31T12:00:00.000Z', end: '2026-01-31T12:01:00.000Z', events: 2 },
      { start: '2026-01-31T12:02:00.000Z', end: '2026-01-31T12:03:00.000Z', events: 1 },
    ]);
    const minuteLater = query(kpi.name, { from: noon + minute, until: noon + 2 * minute });
    expect(await readKpi(ledger, minuteLater)).not.toHaveProperty('unexplained');
  });
});
