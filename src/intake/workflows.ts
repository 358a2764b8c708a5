/** The workflows of orders and parcels, as those see them who have news for them. */
import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import type { Dispatch, Packing } from '../domain/shipping';
import { messageOf, OrderlyError } from '../errors';

/** What each signal carries; src/workflows defines what it does. */
export interface News {
  readonly packed: [Packing];
  readonly dispatched: [Dispatch];
  readonly stockReserved: [];
}

/** Whether a workflow still runs; else the outcome that it returned, or how it was ended without one. */
export type Standing =
  | { readonly status: 'running' }
  | { readonly status: 'returned' | 'ended'; readonly outcome: string };

/** @throws OrderlyError TemporalUnavailable, from each method, whatever the reason */
export interface Workflows {
  /** Answers whether the workflow runs and so has the signal, durably. */
  signal<Name extends keyof News>(
    workflowId: string,
    name: Name,
    ...news: News[Name]
  ): Promise<boolean>;
  /** Undefined where Temporal knows no such workflow, or not any more. */
  standing(workflowId: string): Promise<Standing | undefined>;
}

type Returning = () => Promise<{ readonly outcome: string }>;

export function createWorkflows({
  client,
  address,
}: {
  readonly client: Client;
  readonly address: string;
}): Workflows {
  const unlessNotFound = async <T>(ask: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await ask();
    } catch (cause) {
      if (cause instanceof WorkflowNotFoundError) return undefined;
      const parameters = { address, detail: messageOf(cause) };
      throw new OrderlyError('TemporalUnavailable', parameters, { cause });
    }
  };
  return {
    async signal(workflowId, name, ...news) {
      const told = await unlessNotFound(async () => {
        await client.workflow.getHandle(workflowId).signal<unknown[]>(name, ...news);
        return true;
      });
      return told ?? false;
    },
    standing: workflowId =>
      unlessNotFound(async () => {
        const handle = client.workflow.getHandle<Returning>(workflowId);
        const { status } = await handle.describe();
        if (status.name === 'RUNNING') return { status: 'running' };
        if (status.name !== 'COMPLETED') {
          return { status: 'ended', outcome: status.name.toLowerCase() };
        }
        return { status: 'returned', outcome: (await handle.result()).outcome };
      }),
  };
}
