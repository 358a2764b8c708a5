/** Makes the search attributes of orders known to a Temporal namespace. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Connection, isGrpcServiceError } from '@temporalio/client';
import { SearchAttributeType } from '@temporalio/common';
import type { NativeConnection } from '@temporalio/worker';
import { orderSearchAttributes } from './domain/searchAttributes';
import { OrderlyError } from './errors';

type AnyConnection = Connection | NativeConnection;

/**
 * Creates the search attributes that are missing, and comes back once workflows may use them: servers
 * keep theirs in memory, and refuse a workflow with one that they have not read again. Safe to repeat,
 * and by several starters at once.
 * @throws OrderlyError NamespaceUnknown; the server's own error, if it does not know them within a minute
 */
export async function ensureSearchAttributes(
  connection: AnyConnection,
  namespace: string,
): Promise<void> {
  try {
    const answer = await connection.operatorService.listSearchAttributes({ namespace });
    const known = answer.customAttributes ?? {};
    const missing = Object.values(orderSearchAttributes).filter(({ name }) => !(name in known));
    if (missing.length > 0) await addSearchAttributes(connection, namespace, missing);
    await untilUsable(connection, namespace);
  } catch (cause) {
    if (!hasCode(cause, grpcCodes.notFound)) throw cause;
    throw new OrderlyError('NamespaceUnknown', { namespace }, { cause });
  }
}

/** Creates these search attributes, whether or not they are there, and does not wait for them. */
export async function addSearchAttributes(
  connection: AnyConnection,
  namespace: string,
  keys: readonly { readonly name: string; readonly type: SearchAttributeType }[] = Object.values(
    orderSearchAttributes,
  ),
): Promise<void> {
  const searchAttributes = Object.fromEntries(
    keys.map(({ name, type }) => [name, indexedValueTypes[type]]),
  );
  await connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
}

/** A query that names them all is refused as an invalid argument while the server knows one of them not. */
async function untilUsable(connection: AnyConnection, namespace: string): Promise<void> {
  const query = Object.values(orderSearchAttributes)
    .map(({ name }) => `${name} IS NOT NULL`)
    .join(' AND ');
  for (const giveUpAt = Date.now() + usableWithinMs; ; await sleep(askEveryMs)) {
    try {
      await connection.workflowService.countWorkflowExecutions({ namespace, query });
      return;
    } catch (thrown) {
      if (!hasCode(thrown, grpcCodes.invalidArgument) || Date.now() > giveUpAt) throw thrown;
    }
  }
}

const usableWithinMs = 60_000;
const askEveryMs = 100;

/** https://grpc.github.io/grpc/core/md_doc_statuscodes.html */
const grpcCodes = { invalidArgument: 3, notFound: 5 } as const;

const hasCode = (thrown: unknown, code: number): boolean =>
  isGrpcServiceError(thrown) && thrown.code === code;

/** `temporal.api.enums.v1.IndexedValueType`. */
const indexedValueTypes: Record<SearchAttributeType, number> = {
  [SearchAttributeType.TEXT]: 1,
  [SearchAttributeType.KEYWORD]: 2,
  [SearchAttributeType.INT]: 3,
  [SearchAttributeType.DOUBLE]: 4,
  [SearchAttributeType.BOOL]: 5,
  [SearchAttributeType.DATETIME]: 6,
  [SearchAttributeType.KEYWORD_LIST]: 7,
};
