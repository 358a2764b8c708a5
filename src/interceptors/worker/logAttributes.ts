import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { traceIdOf } from '../../telemetry';
import { contextOf } from './activityInterceptors';

/** What is logged of an activity, by the SDK too, names the order's trace beside its workflow. */
export const activityLogAttributes: ActivityInterceptorsFactory = () => {
  let traceId: string | undefined;
  return {
    inbound: {
      execute(input, next) {
        traceId = traceIdOf(contextOf(input.headers).traceparent);
        return next(input);
      },
    },
    outbound: {
      getLogAttributes: (attributes, next) =>
        next(traceId === undefined ? attributes : { ...attributes, traceId }),
    },
  };
};
