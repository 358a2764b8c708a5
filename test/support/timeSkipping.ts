import { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, makeTelemetryFilterString, Runtime } from '@temporalio/worker';
import { addSearchAttributes } from '../../src/temporal';
import { testServers } from './servers';

/** What the SDK tells of its own life would bury what a test says. */
Runtime.install({
  logger: new DefaultLogger('ERROR'),
  telemetryOptions: {
    logging: { filter: makeTelemetryFilterString({ core: 'ERROR', other: 'ERROR' }) },
  },
});

/** A Temporal server whose time skips while a result is awaited. Tear it down at the end of the file. */
export async function startTimeSkipping(): Promise<TestWorkflowEnvironment> {
  const env = await TestWorkflowEnvironment.createTimeSkipping({
    server: {
      executable: { type: 'existing-path', path: testServers().temporalTestServer },
    },
  });
  await addSearchAttributes(env.nativeConnection, 'default');
  return env;
}
