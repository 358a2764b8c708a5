import type { Acknowledgement, Publisher } from '../../src/kafka/publisher';
import type { OutgoingRecord, Position } from '../../src/kafka/record';
import { readKpiCatalogue } from '../../src/kpiCatalogue';
import { kpiHeartbeat } from '../../src/messages/kpiHeartbeat';
import { Resources } from '../../src/workers/resources';
import { vouchedPublisher } from '../../src/workers/vouchedPublisher';
import { quiet } from '../support/kafka';

/** Takes heartbeats, and refuses everything else. */
class RefusingPublisher implements Publisher {
  readonly queued = 0;
  readonly heartbeats: OutgoingRecord[] = [];

  async publish(record: OutgoingRecord): Promise<Position> {
    return { partition: 0, offset: String(this.heartbeats.push(record)) };
  }

  offer(_: OutgoingRecord, { reject }: Acknowledgement): void {
    reject(new Error('too large'));
  }

  async stop(): Promise<void> {}
}

describe('a publisher that heartbeats vouch for', () => {
  it('tells in its heartbeats how much Kafka has not taken', async () => {
    const resources = new Resources();
    const publisher = new RefusingPublisher();
    const tracked = vouchedPublisher(resources, {
      ...{ producer: 'watcher', instance: 'w-1', catalogue: readKpiCatalogue() },
      ...{ publisher, logger: quiet },
    });

    const lost = tracked.publish({ topic: 'IntakeLag', key: 'a', value: '{}' });
    await expect(lost).rejects.toThrow('too large');
    await resources.close();

    const told = publisher.heartbeats.map(({ value }) =>
      kpiHeartbeat.schema.parse(JSON.parse(String(value))),
    );
    expect(told.map(({ dropped, goodbye }) => ({ dropped, goodbye }))).toEqual([
      { dropped: 0, goodbye: false },
      { dropped: 1, goodbye: true },
    ]);
    expect(told[0]!.kpis).toContain('intake-lag@1');
    expect(told[0]!.kpis).not.toContain('revenue@1');
  });
});
