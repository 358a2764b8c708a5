import { TestWorkflowEnvironment } from '@temporalio/testing';
import { addSearchAttributes } from '../../src/temporal';
import { testServers } from './servers';
import { quietRuntime } from './temporalSdk';

quietRuntime();

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
