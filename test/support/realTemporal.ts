import { TestWorkflowEnvironment } from '@temporalio/testing';
import { ensureSearchAttributes } from '../../src/searchAttributes';
import { testServers } from './servers';
import { quietRuntime } from './temporalSdk';

/** The real Temporal server of the run, as tests of workflows see one. One for each file, torn down at its end. */
export async function connectRealTemporal(): Promise<TestWorkflowEnvironment> {
  quietRuntime();
  const env = await TestWorkflowEnvironment.createFromExistingServer({
    address: testServers().temporalAddress,
  });
  await ensureSearchAttributes(env.nativeConnection, 'default');
  return env;
}
