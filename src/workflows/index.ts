/** Every workflow that the order worker runs; this file is what Temporal bundles. */
export { order } from './order';
export { shipment } from './shipment';
