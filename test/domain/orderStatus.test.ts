import { isDecided, mayFollow, type OrderStatus } from '../../src/domain/orderStatus';

const statuses: OrderStatus[] = ['received', 'confirmed', 'rejected', 'cancelled', 'failed'];

describe('The life of an order', () => {
  it('goes from received to one of four outcomes, and nowhere from there', () => {
    for (const from of statuses) {
      const next = statuses.filter(to => mayFollow(from, to));
      expect(next).toEqual(
        from === 'received' ? ['confirmed', 'rejected', 'cancelled', 'failed'] : [],
      );
    }
  });

  it('is decided once nothing may follow', () => {
    expect(statuses.filter(isDecided)).toEqual(['confirmed', 'rejected', 'cancelled', 'failed']);
  });
});
