/**
 * What the warehouse and the carrier report of an order's parcels goes to the workflow that waits for it,
 * which ignores what it has heard before, keeps what comes early, and knows its own parcels. What comes
 * after the end is late, and changes nothing; what contradicts the end is for a person to look at.
 */
import { orderWorkflowId, shipmentWorkflowId } from '../domain/ids';
import { OrderlyError } from '../errors';
import { orderPickedAndPacked } from '../messages/orderPickedAndPacked';
import { shipmentDispatched } from '../messages/shipmentDispatched';
import { type PartnerResult, type PartnerRoute, partnerRoute } from './partnerRecords';
import type { News, Standing, Workflows } from './workflows';

/** Of an order that is cancelled or rejected, nothing may be packed or sent. */
const endsWithoutParcels: ReadonlySet<string> = new Set(['cancelled', 'rejected']);

export const packedRoute = (workflows: Workflows): PartnerRoute =>
  partnerRoute(orderPickedAndPacked, ({ orderId, ...packing }) =>
    tellOrder(workflows, orderId, 'packed', packing),
  );

/** A dispatch goes to its parcel's own workflow, and to the order as long as that has not begun. */
export const dispatchedRoute = (workflows: Workflows): PartnerRoute =>
  partnerRoute(shipmentDispatched, async ({ orderId, ...dispatch }) => {
    const { shipment } = dispatch;
    const workflowId = shipmentWorkflowId(orderId, shipment);
    if (await workflows.signal(workflowId, 'dispatched', dispatch)) return 'done';
    const standing = await workflows.standing(workflowId);
    if (standing === undefined) return tellOrder(workflows, orderId, 'dispatched', dispatch);
    const contradicts = ({ status, outcome }: Closed) =>
      status === 'ended' || outcome !== 'shipped';
    return late(orderId, standing, contradicts, `parcel ${shipment} `);
  });

async function tellOrder<Name extends keyof News>(
  workflows: Workflows,
  orderId: string,
  name: Name,
  ...news: News[Name]
): Promise<PartnerResult> {
  const workflowId = orderWorkflowId(orderId);
  if (await workflows.signal(workflowId, name, ...news)) return 'done';
  const standing = await workflows.standing(workflowId);
  if (standing === undefined) throw new OrderlyError('OrderUnknown', { orderId });
  const contradicts = ({ status, outcome }: Closed) =>
    status === 'ended' || endsWithoutParcels.has(outcome);
  return late(orderId, standing, contradicts);
}

type Closed = Exclude<Standing, { readonly status: 'running' }>;

/** @throws OrderlyError OrderClosed; OrderNotStarted where it began to run only just now */
function late(
  orderId: string,
  standing: Standing,
  contradicts: (closed: Closed) => boolean,
  what = '',
): PartnerResult {
  if (standing.status === 'running') throw new OrderlyError('OrderNotStarted', { orderId });
  if (!contradicts(standing)) return 'late';
  throw new OrderlyError('OrderClosed', { orderId, status: `${what}${standing.outcome}` });
}
