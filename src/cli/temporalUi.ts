/** Addresses in the Temporal UI. */
import type { Config } from '../config';
import { orderWorkflowId } from '../domain/ids';
import { orderSearchAttributes } from '../domain/searchAttributes';

type UiSettings = Pick<Config, 'TEMPORAL_UI_URL' | 'TEMPORAL_NAMESPACE'>;

/** The workflow of an order. */
export const orderUrl = (config: UiSettings, orderId: string): string =>
  `${namespaceUrl(config)}/workflows/${encodeURIComponent(orderWorkflowId(orderId))}`;

/** The rejected orders, found by their typed search attribute. */
export const rejectedOrdersUrl = (config: UiSettings): string => {
  const query = `${orderSearchAttributes.status.name}="rejected"`;
  return `${namespaceUrl(config)}/workflows?query=${encodeURIComponent(query)}`;
};

const namespaceUrl = ({ TEMPORAL_UI_URL, TEMPORAL_NAMESPACE }: UiSettings): string =>
  `${TEMPORAL_UI_URL}/namespaces/${TEMPORAL_NAMESPACE}`;
