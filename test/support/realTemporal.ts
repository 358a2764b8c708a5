import { TestWorkflowEnvironment } from '@temporalio/testing';
import { ensureSearchAttributes } from '../../src/temporal';
import { testServers } from './servers';
import { quietRuntime } from './temporalSdk';

quietRuntime();

/** The real Temporal server of the run, as tests of workflows see one. Tear it down at the end of the file. */
export async function connectRealTemporal(): Promise<TestWorkflowEnvironment> {
  const env = await TestWorkflowEnvironment.createFromExistingServer({
    address: testServers().temporalAddress,
  });
  await ensureSearchAttributes(env.nativeConnection, 'default');
  return env;
}
