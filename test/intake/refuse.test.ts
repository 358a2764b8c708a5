import { OrderlyError } from '../../src/errors';
import { originOf } from '../../src/intake/identity';
import { createRefuser } from '../../src/intake/refuse';
import type { OutgoingRecord } from '../../src/kafka/record';
import { readKpiCatalogue } from '../../src/kpiCatalogue';
import { kpiRecords } from '../../src/kpiRecords';
import { createDatabase, type TestDatabase } from '../support/database';
import { incomingRecord } from '../support/records';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database?.drop());

describe('a refusal', () => {
  // It was published again and again, and nothing behind it on its partition was ever dealt with.
  it('counts once, and its dead letter is cut short where the queue takes no such large record', async () => {
    const published: OutgoingRecord[] = [];
    const tooLarge = Object.assign(new Error('too large'), { type: 'MESSAGE_TOO_LARGE' });
    const publisher = {
      async publish(record: OutgoingRecord) {
        const isTaken = (record.value?.length ?? 0) < 100_000;
        const { topic } = record;
        const detail = tooLarge.message;
        if (!isTaken)
          throw new OrderlyError('RecordRefused', { topic, detail }, { cause: tooLarge });
        published.push(record);
        return { partition: 0, offset: '0' };
      },
    };
    const refuse = createRefuser({
      pool: database.pool,
      publisher,
      group: 'intake',
      kpiRecords: occurrence => kpiRecords(readKpiCatalogue(), occurrence, 'test'),
    });
    const record = incomingRecord(Buffer.alloc(300_000, 'x'));
    const error = new OrderlyError('ConflictingOrder', { orderId: 'A-1' });
    await refuse({ record, origin: originOf(record, undefined), error, orderId: 'A-1' });
    expect(published.map(({ topic }) => topic).sort()).toEqual([
      ...['DeadLetterQueue', 'InventoryErrors'],
    ]);
    const letter = published.find(({ topic }) => topic === 'DeadLetterQueue');
    expect(letter?.headers).toMatchObject({
      'kafka_dlt-original-offset': record.offset,
      'orderly_dlt-cut-short': 'key 0, value 300000, headers 0 bytes',
    });
    expect((await database.pool.query('SELECT FROM refusals')).rowCount).toBe(1);
  });
});
