import { Context } from '@temporalio/activity';
import { defaultPayloadConverter, type Headers } from '@temporalio/common';
import { activityLogAttributes } from '../../../src/interceptors/worker/logAttributes';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const traceparent = `00-${traceId}-b7ad6b7169203331-01`;

/** With what a line is logged that an activity writes; `context` is what its workflow has handed on. */
async function attributesOf(context?: {
  readonly traceparent?: string;
  readonly synthetic?: true;
}) {
  const { inbound, outbound } = activityLogAttributes(Object.create(Context.prototype));
  const headers: Headers =
    context === undefined ? {} : { 'orderly-context': defaultPayloadConverter.toPayload(context) };
  const log = async () => outbound!.getLogAttributes!({ workflowId: 'order-A-1' }, added => added);
  return inbound!.execute!({ args: [], headers }, log);
}

describe('A log line of an activity', () => {
  it('names the trace of its order beside the workflow', async () => {
    expect(await attributesOf({ traceparent })).toEqual({ workflowId: 'order-A-1', traceId });
  });

  it('names none where the workflow has handed none on', async () => {
    expect(await attributesOf({ synthetic: true })).toEqual({ workflowId: 'order-A-1' });
    expect(await attributesOf()).toEqual({ workflowId: 'order-A-1' });
  });
});
