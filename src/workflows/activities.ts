/**
 * The activities of an order, each with the time-outs and retries that it needs; docs/activities.md says
 * why. All but one have no limit of attempts: an order waits for Postgres, Kafka and its partners rather
 * than fail with them, and what waiting can not mend is refused by an error that is not retryable.
 */
import { ActivityCancellationType, proxyActivities } from '@temporalio/workflow';
import type { AnnouncementActivities } from '../activities/announcements';
import type { InventoryActivities } from '../activities/inventory';
import type { PaymentActivities } from '../activities/payments';
import type { ShippingActivities } from '../activities/shipping';

/** Our own servers: back within moments as a rule. */
const untilItWorks = {
  startToCloseTimeout: '10 seconds',
  retry: {
    initialInterval: '200 milliseconds',
    backoffCoefficient: 2,
    maximumInterval: '10 seconds',
  },
  cancellationType: ActivityCancellationType.TRY_CANCEL,
} as const;

/** Other companies' servers: slower, and not to be pressed while they are in trouble. */
const untilTheyAnswer = {
  startToCloseTimeout: '45 seconds',
  retry: {
    initialInterval: '500 milliseconds',
    backoffCoefficient: 2,
    maximumInterval: '30 seconds',
  },
  cancellationType: ActivityCancellationType.TRY_CANCEL,
} as const;

export const { reserveStock, releaseStock, shipStock, returnParcel } =
  proxyActivities<InventoryActivities>(untilItWorks);
export const { announce } = proxyActivities<AnnouncementActivities>(untilItWorks);
export const { capturePayment, refundPayment, voidPayment } =
  proxyActivities<PaymentActivities>(untilTheyAnswer);
export const { bookCarrier, cancelBooking } = proxyActivities<ShippingActivities>(untilTheyAnswer);

/**
 * The first sends it, the others ask what became of it: about a quarter of a minute at a provider that is
 * down. One that has not heard of it is given up at once.
 */
const authorizationAttempts = 6;

/** The one step that is called off in the end, since another provider can take it over. */
export const authorizeWithin = (milliseconds: number): PaymentActivities['authorizePayment'] =>
  proxyActivities<PaymentActivities>({
    ...untilTheyAnswer,
    retry: {
      ...untilTheyAnswer.retry,
      maximumAttempts: authorizationAttempts,
      nonRetryableErrorTypes: ['PaymentNotArrived'],
    },
    scheduleToCloseTimeout: milliseconds,
  }).authorizePayment;
