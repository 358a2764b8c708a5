/** Identity rules: every id that crosses a border is derived here, never random, never from the clock. */

/** The one workflow id of an order. */
export const orderWorkflowId = (orderId: string): string => `order-${orderId}`;

/** The workflow id of one shipment of an order. */
export const shipmentWorkflowId = (orderId: string, shipment: string): string =>
  `shipment-${orderId}-${shipment}`;

/** The event id of what a workflow announces: the same announcement always has the same id. */
export const announcementId = (type: string, orderId: string, shipment?: string): string =>
  [type, orderId, shipment].filter(part => part !== undefined).join(':');

/** The event id of a notice to operators. */
export const noticeId = (orderId: string, reason: string, shipment?: string): string =>
  ['OperatorNotice', orderId, reason, shipment].filter(part => part !== undefined).join(':');

/** The event id of a notification to the customer. */
export const notificationId = (orderId: string, reason: string, shipment?: string): string =>
  ['Notification', orderId, reason, shipment].filter(part => part !== undefined).join(':');
