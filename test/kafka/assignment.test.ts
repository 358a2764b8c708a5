import { Assignment } from '../../src/kafka/assignment';

const owning = (...partitions: number[]) => {
  const assignment = new Assignment();
  assignment.replace({ orders: partitions });
  return assignment;
};

describe('Assignment', () => {
  test('takes no delivery for a partition that was given away', () => {
    const assignment = owning(0, 1);
    const partition = assignment.receive('orders', 1, 7n)!;
    expect(assignment.replace({ orders: [0] })).toEqual([partition]);
    expect(partition.dropped).toBe(true);
    expect(assignment.receive('orders', 1, 8n)).toBeUndefined();
  });

  test('keeps progress over a rebalance when a batch fetched before it comes after it', () => {
    // kafkajs rejoins the group from within a fetch while batches of other brokers are under way. Were
    // progress dropped here, record 7 would be skipped by the commit of what follows it.
    const assignment = owning(0);
    const before = assignment.receive('orders', 0, 7n)!;
    before.tracker.begin(7n);
    assignment.replace({ orders: [0] });
    const after = assignment.receive('orders', 0, 8n)!;
    after.tracker.begin(8n);
    after.tracker.finish(8n);
    expect(after).toBe(before);
    expect(assignment.uncommitted()).toEqual([]);
  });

  test('starts afresh when records are delivered again, and no longer counts their first run', () => {
    const assignment = owning(0);
    const first = assignment.receive('orders', 0, 7n)!;
    first.tracker.begin(7n);
    first.tracker.begin(8n);
    const second = assignment.receive('orders', 0, 7n)!;
    second.tracker.begin(7n);
    first.tracker.finish(7n);
    expect(first.dropped).toBe(true);
    expect(assignment.uncommitted()).toEqual([]);
  });

  test('has each offset committed once', () => {
    const assignment = owning(0);
    const partition = assignment.receive('orders', 0, 7n)!;
    partition.tracker.begin(7n);
    expect(partition.uncommitted).toBeUndefined();
    partition.tracker.finish(7n);
    expect(partition.uncommitted).toEqual({ topic: 'orders', partition: 0, offset: '8' });
    partition.markCommitted('8');
    expect(assignment.uncommitted()).toEqual([]);
  });
});
