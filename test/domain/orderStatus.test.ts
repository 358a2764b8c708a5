import {
  isOutcome,
  mayBeCancelled,
  mayFollow,
  type OrderStatus,
  orderStatuses,
} from '../../src/domain/orderStatus';

const after = (status: OrderStatus) => orderStatuses.filter(next => mayFollow(status, next));

/** Every life that leads from a status to one that nothing follows. */
function livesFrom(status: OrderStatus): OrderStatus[][] {
  const next = after(status);
  if (next.length === 0) return [[status]];
  return next.flatMap(following => livesFrom(following).map(rest => [status, ...rest]));
}

describe('The life of an order', () => {
  it('ends in one of four ways, whatever happens on it', () => {
    const ends = livesFrom('received').map(life => life.at(-1));
    expect([...new Set(ends)].sort()).toEqual(['cancelled', 'completed', 'failed', 'rejected']);
  });

  it('never comes back to where it was', () => {
    for (const life of livesFrom('received')) expect(new Set(life).size).toBe(life.length);
  });

  it('can be cancelled at any time before it ships, and never from then on', () => {
    for (const life of livesFrom('received')) {
      const shipping = life.indexOf('shipping');
      const cancelled = life.indexOf('cancelled');
      expect(shipping >= 0 && cancelled >= 0).toBe(false);
    }
    const open = orderStatuses.filter(status => mayBeCancelled(status, true));
    expect(open).toEqual([
      'received',
      'back-ordered',
      'reserved',
      'awaiting-approval',
      'approved',
      'authorized',
      'confirmed',
    ]);
  });

  it('can no more be cancelled once it is confirmed where nothing of it is fulfilled here', () => {
    expect(mayBeCancelled('confirmed', false)).toBe(false);
    expect(mayBeCancelled('authorized', false)).toBe(true);
  });

  it('comes to rest where nothing may follow, or confirmed', () => {
    const resting = orderStatuses.filter(isOutcome);
    expect(resting).toEqual(['confirmed', 'completed', 'rejected', 'cancelled', 'failed']);
  });
});
