import { carrierFaults, paymentFaults, warehouseFaults } from '../../src/partners/sums';

const of = (amount: number) => ({ EUR: { amount, count: 1 } });
const none = { authorized: {}, declined: {}, captured: {}, voided: {}, refunded: {}, held: {} };

describe('The sums of the partners', () => {
  it('hold in books that add up, empty ones included', () => {
    expect(paymentFaults(none)).toEqual([]);
    const open = { ...none, authorized: of(10), captured: of(3), voided: of(2), held: of(5) };
    expect(paymentFaults({ ...open, declined: of(7), refunded: of(3) })).toEqual([]);
    const carrier = { booked: 6, waiting: 1, dispatched: 2, cancelled: 3, refused: 9 };
    expect(carrierFaults(carrier)).toEqual([]);
    const warehouse = { received: 10, picking: 1, packed: 2, cancelled: 3, returned: 4 };
    expect(warehouseFaults(warehouse)).toEqual([]);
  });

  it('say by name and number what does not add up', () => {
    expect(paymentFaults({ ...none, authorized: of(10), captured: of(3) })).toEqual([
      'EUR: authorized 10 is not captured 3 + voided 0 + held 0',
    ]);
    expect(paymentFaults({ ...none, held: of(1), refunded: of(4) })).toEqual([
      'EUR: authorized 0 is not captured 0 + voided 0 + held 1',
      'EUR: refunded 4 of captured 0',
    ]);
    const carrier = { booked: 6, waiting: 1, dispatched: 2, cancelled: 2, refused: 1 };
    expect(carrierFaults(carrier)).toEqual([
      'booked 6 is not waiting 1 + dispatched 2 + cancelled 2',
    ]);
    const warehouse = { received: 1, picking: 1, packed: 1, cancelled: 0, returned: 0 };
    expect(warehouseFaults(warehouse)).toEqual([
      'received 1 is not picking 1 + packed 1 + cancelled 0 + returned 0',
    ]);
  });
});
