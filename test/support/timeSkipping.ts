import { TestWorkflowEnvironment } from '@temporalio/testing';
import { addSearchAttributes } from '../../src/searchAttributes';
import { testServers } from './servers';
import { quietRuntime } from './temporalSdk';

/** A Temporal server whose time skips while a result is awaited. One for each file, torn down at its end. */
export async function startTimeSkipping(): Promise<TestWorkflowEnvironment> {
  quietRuntime();
  const env = await TestWorkflowEnvironment.createTimeSkipping({
    server: {
      executable: { type: 'existing-path', path: testServers().temporalTestServer },
    },
  });
  await addSearchAttributes(env.nativeConnection, 'default');
  return env;
}
