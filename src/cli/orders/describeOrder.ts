/** An order in words: a line for each thing that is known of it. */
import type { Config } from '../../config';
import type { Approval } from '../../domain/approval';
import { currencyOf } from '../../domain/currencies';
import type { CancellationRequest } from '../../domain/decision';
import { formatMoney } from '../../domain/money';
import type { ParcelState } from '../../domain/shipping';
import { orderUrl } from '../temporalUi';
import type { OrderView } from './readOrder';

export function describeOrder(view: OrderView, config: Config): string[] {
  const { orderId, status, total, currency, cause, workflow } = view;
  const { approval, cancellation, provider } = view;
  const lines: string[] = [];
  if (workflow === undefined) lines.push('its workflow is not started yet');
  if (total !== undefined && currency !== undefined) {
    lines.push(`total ${formatMoney(total, currencyOf(currency))}`);
  }
  if (cause !== undefined) lines.push(`rejected for ${cause}`);
  for (const { line, productCode, reason } of view.refusals ?? []) {
    lines.push(`products[${line}] ${productCode}: ${reason}`);
  }
  if (approval !== undefined) lines.push(approvalLine(approval));
  if (cancellation !== undefined) lines.push(cancellationLine(cancellation));
  if (provider !== undefined) lines.push(`payment through ${provider}`);
  lines.push(...(view.parcels ?? []).map(parcelLine));
  for (const { at, status } of view.history ?? []) lines.push(`${at}  ${status}`);
  for (const { at, step, shipment } of view.compensations ?? []) {
    lines.push(`${at}  compensated: ${step}${shipment ? ` of parcel ${shipment}` : ''}`);
  }
  if (workflow !== undefined) lines.push(orderUrl(config, orderId));
  return [`${orderId} is ${status}`, ...lines.map(line => `  ${line}`)];
}

const approvalLine = ({ decision, by, reason }: Approval): string =>
  `${decision === 'approve' ? 'approved' : 'rejected'} by ${by}${reason ? `: ${reason}` : ''}`;

const cancellationLine = ({ by, reason }: CancellationRequest): string =>
  `cancelled by ${by}${reason ? `: ${reason}` : ''}`;

function parcelLine({ shipment, location, status, ...known }: ParcelState): string {
  const { carrier, trackingNumber, reason } = known;
  const details = carrier ? ` with ${carrier}, ${trackingNumber}` : '';
  return `parcel ${shipment} from ${location}: ${status}${details}${reason ? `, ${reason}` : ''}`;
}
