/** How activities end for good: each is called in everything that can go wrong with what it depends on. */
import { ApplicationFailure } from '@temporalio/common';
import { createAnnouncementActivities } from '../../src/activities/announcements';
import { createInventoryActivities } from '../../src/activities/inventory';
import { createPaymentActivities } from '../../src/activities/payments';
import { createShippingActivities } from '../../src/activities/shipping';
import { OrderlyError } from '../../src/errors';
import { createReservations } from '../../src/postgres/reservations';
import { createCarrier } from '../../src/providers/carrier';
import { createHttpCall } from '../../src/providers/http';
import { createPaymentGateway } from '../../src/providers/paymentGateway';
import { playPartner, reply } from '../providers/partnerServer';
import { createDatabase } from '../support/database';
import { attempt } from './attempt';

/** The types with which an activity failed, by its name, and whether Temporal would go on after that. */
export class Endings {
  private readonly types = new Map<string, Map<string, 'retried' | 'for good'>>();

  note(activity: string, { type, nonRetryable }: ApplicationFailure): void {
    const types = this.types.get(activity) ?? new Map();
    this.types.set(activity, types.set(type, nonRetryable ? 'for good' : 'retried'));
  }

  /** In alphabetical order. @param givenUp types that its retry policy does not repeat */
  forGood(activity: string, givenUp: readonly string[]): string[] {
    const types = [...(this.types.get(activity) ?? [])];
    return types
      .filter(([type, then]) => then === 'for good' || givenUp.includes(type))
      .map(([type]) => type)
      .sort();
  }
}

type Activities = Readonly<Record<string, (input: never) => Promise<unknown>>>;

/** What each activity is called with. Nothing in it is there, and where `text` has a NUL it can not be stored. */
const inputsOf = (text: string): Readonly<Record<string, unknown>> => {
  const parcel = { orderId: text, shipment: '1' };
  const payment = { provider: 'a', key: text, orderId: text, amount: 1, currency: 'EUR' };
  return {
    reserveStock: { orderId: text, currency: 'EUR', lines: [{ productCode: text, quantity: 1 }] },
    releaseStock: text,
    shipStock: parcel,
    returnParcel: parcel,
    authorizePayment: payment,
    capturePayment: { ...payment, authorizationId: text },
    refundPayment: { ...payment, captureId: text },
    voidPayment: payment,
    bookCarrier: { key: text, orderId: text },
    cancelBooking: { key: text },
    announce: { messages: [{ type: 'OrderConfirmed', id: text, key: text, data: {} }] },
  };
};

async function call(endings: Endings, activities: Activities, text = 'nobody'): Promise<void> {
  for (const [name, activity] of Object.entries(activities)) {
    for (const number of [1, 2]) {
      try {
        await attempt(number, activity, inputsOf(text)[name] as never);
      } catch (thrown) {
        // Anything else is retried, whatever it is.
        if (thrown instanceof ApplicationFailure) endings.note(name, thrown);
      }
    }
  }
}

/** A database that works, that can not be reached, that lets nobody in; and a value that can not be stored. */
export async function provokeInventory(endings: Endings): Promise<void> {
  const database = await createDatabase();
  const unknown = new URL(database.url);
  unknown.pathname = '/no_such_database';
  const urls = [database.url, 'postgres://127.0.0.1:1/none', unknown.href];
  try {
    for (const connectionString of urls) {
      const pool = database.openPool({ connectionString });
      const reservations = createReservations(pool, { ttlHours: 1 });
      for (const text of ['nobody', 'NUL \0']) {
        await call(endings, createInventoryActivities({ reservations }), text);
      }
    }
  } finally {
    await database.drop();
  }
}

/** Of each meaning that an answer can have, and each refusal that the protocol knows. */
const answers = [
  ...[200, 302, 400, 401, 403, 404, 408, 422, 429, 500, 503].map(status => ({ status, body: {} })),
  { status: 200, body: { status: 'voided' } },
  { status: 409, body: { code: 'Voided' } },
];

/** Partners that give each of these answers, that can not be reached, and that nobody has configured. */
export async function provokePartners(endings: Endings): Promise<void> {
  for (const { status, body } of answers) {
    const partner = await playPartner((_, response) => reply(response, status, body));
    await callPartner(endings, partner.url).finally(partner.close);
  }
  await callPartner(endings, 'http://127.0.0.1:1');
  const none = createPaymentGateway({ providers: [], timeoutMs: 1_000 });
  await call(endings, createPaymentActivities({ gateway: none }));
  await call(endings, createShippingActivities({ carrier: undefined }));
}

async function callPartner(endings: Endings, url: string): Promise<void> {
  const settings = { timeoutMs: 1_000 };
  const carrier = createCarrier({
    name: 'c',
    call: createHttpCall({ name: 'c', url }),
    ...settings,
  });
  await call(endings, createShippingActivities({ carrier }));
  const gateway = createPaymentGateway({ providers: [{ name: 'a', url }], ...settings });
  await call(endings, createPaymentActivities({ gateway })).finally(gateway.stop);
}

/** A publisher that refuses in each way that it has. */
export async function provokeAnnouncements(endings: Endings): Promise<void> {
  for (const code of ['RecordRefused', 'TopicUnknown', 'PublisherStopped'] as const) {
    const publish = async () => {
      throw new OrderlyError(code);
    };
    const publisher = { publish, offer: publish, stop: async () => undefined, queued: 0 };
    await call(endings, createAnnouncementActivities({ publisher }));
  }
}
