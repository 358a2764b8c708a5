/**
 * What a run hands on to all that it starts: whether it is a test order, and its trace. Whoever starts
 * the workflow puts both into its memo; child workflows get them in theirs, activities in a header.
 */
import { defaultPayloadConverter, type Headers } from '@temporalio/common';
import { workflowInfo } from '@temporalio/workflow';

/** Name of the header; a type as well, so that the worker half can not name another. */
export type ContextHeader = 'orderly-context';
const contextHeader: ContextHeader = 'orderly-context';

export interface RunContext {
  readonly synthetic?: true;
  /** W3C trace context. */
  readonly traceparent?: string;
}

/** The part of this run's memo that is handed on; undefined where there is nothing to hand on. */
export function runContext(): RunContext | undefined {
  const { synthetic, traceparent } = workflowInfo().memo ?? {};
  if (synthetic !== true && typeof traceparent !== 'string') return undefined;
  return {
    ...(synthetic === true && { synthetic }),
    ...(typeof traceparent === 'string' && { traceparent }),
  };
}

export const withContextHeader = (headers: Headers, context: RunContext | undefined): Headers =>
  context === undefined
    ? headers
    : { ...headers, [contextHeader]: defaultPayloadConverter.toPayload(context) };

export const withContextMemo = <Options extends { memo?: Record<string, unknown> }>(
  options: Options,
  context: RunContext | undefined,
): Options =>
  context === undefined ? options : { ...options, memo: { ...context, ...options.memo } };
