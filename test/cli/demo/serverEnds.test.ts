import { endBehindFailure, untilEnd, watchServers } from '../../../src/cli/demo/serverEnds';
import { killProcess, type ProcessIdentity, spawnDetached } from '../../../src/stack/process';
import { type ServerRecord, writeRecord } from '../../../src/stack/record';
import { testFolder } from '../../support/testFolder';

const address = { host: '127.0.0.1', port: 1 };
const servers: ProcessIdentity[] = [];
afterEach(() => Promise.all(servers.splice(0).map(killProcess)));

/** A process that stands for Kafka, recorded as the stack would. */
async function startKafka(dir: string): Promise<ServerRecord & { process: ProcessIdentity }> {
  const command = { file: process.execPath, args: ['-e', 'setInterval(() => {}, 1000)'] };
  const identity = await spawnDetached(command, `${dir}/log`);
  servers.push(identity);
  const record = { address, source: 'here', process: identity, log: `${dir}/log` };
  writeRecord(dir, 'kafka', record);
  return record;
}

const forever = new AbortController().signal;

describe('the watch over the servers', () => {
  it('says of a server that ended by itself where its log is', async () => {
    const dir = testFolder();
    const kafka = await startKafka(dir);
    const end = untilEnd(watchServers(dir), forever);
    await Promise.all([
      expect(end).rejects.toMatchObject({
        code: 'ServerCrashed',
        parameters: { server: 'Kafka', log: kafka.log },
      }),
      killProcess(kafka.process),
    ]);
  });

  it.each([
    ['noted as stopped', ({ process: _, ...record }: ServerRecord) => record],
    ['forgotten', () => undefined],
  ])('says of a server that was ended and is %s that it was stopped', async (_, noted) => {
    const dir = testFolder();
    const kafka = await startKafka(dir);
    const watched = watchServers(dir);
    await killProcess(kafka.process);
    // As `stack down` does: a moment after the end of the process.
    const end = endBehindFailure(watched);
    writeRecord(dir, 'kafka', noted(kafka));
    expect(await end).toMatchObject({ code: 'ServerStopped', parameters: { server: 'Kafka' } });
  });

  it('takes a server that was started anew for the same', async () => {
    const dir = testFolder();
    const kafka = await startKafka(dir);
    const watched = watchServers(dir);
    await killProcess(kafka.process);
    await startKafka(dir);
    expect(await endBehindFailure(watched)).toBeUndefined();
  });
});
