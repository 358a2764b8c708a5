import {
  type Client,
  ServiceError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import { NamespaceNotFoundError } from '@temporalio/common';
import type { Config } from '../../config';
import { messageOf, OrderlyError } from '../../errors';
import { connect, createClient } from '../../temporal';

/** How long one call may take, in milliseconds: a query or an update waits for a worker to answer it. */
const patienceMs = 10_000;

/** https://grpc.github.io/grpc/core/md_doc_statuscodes.html */
const deadlineExceeded = 4;

export interface Temporal {
  readonly client: Client;
  /** Makes one call. @throws OrderlyError WorkerSilent, NamespaceUnknown, TemporalUnavailable; what `call` throws otherwise. */
  ask<T>(call: () => Promise<T>): Promise<T>;
}

/** Runs `work` with a connection to Temporal. */
export async function withTemporal<T>(
  config: Config,
  work: (temporal: Temporal) => Promise<T>,
): Promise<T> {
  const connection = await connect(config);
  const client = createClient(connection, config);
  const ask = async <Answer>(call: () => Promise<Answer>): Promise<Answer> => {
    try {
      return await client.withDeadline(Date.now() + patienceMs, call);
    } catch (thrown) {
      throw named(thrown, config);
    }
  };
  // Where work fails, some of its calls may still be under way, and the connection stays open for them: the
  // client tries again by a timer, which throws where nobody can catch it once the connection is closed.
  const answer = await work({ client, ask });
  await connection.close();
  return answer;
}

function named(thrown: unknown, config: Config): unknown {
  if (thrown instanceof NamespaceNotFoundError) {
    return new OrderlyError(
      'NamespaceUnknown',
      { namespace: config.TEMPORAL_NAMESPACE },
      { cause: thrown },
    );
  }
  if (
    !(thrown instanceof ServiceError || thrown instanceof WorkflowUpdateRPCTimeoutOrCancelledError)
  ) {
    return thrown;
  }
  const { cause } = thrown;
  if (cause instanceof Error && 'code' in cause && cause.code === deadlineExceeded) {
    const parameters = { queue: config.TEMPORAL_TASK_QUEUE, seconds: patienceMs / 1_000 };
    return new OrderlyError('WorkerSilent', parameters, { cause: thrown });
  }
  const parameters = { address: config.TEMPORAL_ADDRESS, detail: messageOf(cause ?? thrown) };
  return new OrderlyError('TemporalUnavailable', parameters, { cause: thrown });
}
