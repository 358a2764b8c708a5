import type { IdentifiedKpiEvent } from '../../src/cli/kpi/readEvent';
import { encode } from '../../src/kafka/cloudEvents';
import { createPublisher } from '../../src/kafka/publisher';
import { kpiEvent, kpiTopic } from '../../src/messages/kpiEvent';
import { quiet, testKafka, unique } from '../support/kafka';
import { testServers } from '../support/servers';
import { waitFor } from '../support/waitFor';
import { jsonLines, runMain, stdoutSoFar } from './runMain';

const env = { KAFKA_BROKERS: testServers().kafkaBrokers.join(',') };

beforeAll(async () => {
  expect((await runMain(['topics', 'create'], env)).exitCode).toBe(0);
});

function latencyEvent(seconds: number): IdentifiedKpiEvent {
  const id = unique('order-latency@1:test');
  return { id, data: { ...kpiEvent.example, value: seconds, timestamp: new Date().toISOString() } };
}

/** Writes the events, each as often as it is given. */
async function publish(events: readonly IdentifiedKpiEvent[]): Promise<void> {
  const publisher = await createPublisher(testKafka(), { logger: quiet });
  await Promise.all(
    events.map(({ id, data }) =>
      publisher.publish({
        topic: kpiTopic(data.kpi),
        ...encode({ type: kpiEvent.type, id, key: id, data }),
      }),
    ),
  );
  await publisher.stop();
}

/** Tails until the text appears on standard output, then ends it as Ctrl-C does. */
async function tailUntil(text: string, ...args: string[]) {
  const tailing = runMain(['kpi', 'tail', ...args], env);
  await waitFor(() => stdoutSoFar.includes(text), `${text} in what kpi tail prints`);
  process.emit('SIGINT', 'SIGINT');
  return tailing;
}

describe('orderly kpi tail', () => {
  it('prints each event once, one line of JSON each, and ends well with Ctrl-C', async () => {
    const [twice, last] = [latencyEvent(0.5), latencyEvent(0.25)];
    await publish([twice, twice]);
    await publish([last]);
    const { exitCode, stdout, stderr } = await tailUntil(last.id, 'order-latency', '--json');
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const printed = jsonLines(stdout) as { id: string }[];
    expect(printed.filter(({ id }) => id === twice.id)).toEqual([{ id: twice.id, ...twice.data }]);
  });

  it('prints events that come while it runs', async () => {
    const before = latencyEvent(0.5);
    await publish([before]);
    const tailing = runMain(['kpi', 'tail', '--json'], env);
    await waitFor(() => stdoutSoFar.includes(before.id));
    const after = latencyEvent(0.75);
    await publish([after]);
    await waitFor(() => stdoutSoFar.includes(after.id));
    process.emit('SIGINT', 'SIGINT');
    expect((await tailing).exitCode).toBe(0);
  });

  it('prints running figures for people', async () => {
    await publish([latencyEvent(0.5)]);
    const { stdout } = await tailUntil('== order-latency', 'order-latency');
    expect(stdout).toMatch(/^\S+Z order-latency 0\.5 seconds .*outcome=confirmed/m);
    expect(stdout).toMatch(
      /^== order-latency: average \S+, p95 \S+, maximum \S+ seconds of \d+ events$/m,
    );
    expect(stdout).not.toContain('inventory-errors');
  });
});
