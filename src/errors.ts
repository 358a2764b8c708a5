/**
 * The one catalogue of errors. Each entry says what happened (`what`, with `{parameters}`) and what to
 * do next (`next`). `docs/errors.md` lists the same codes; a test keeps the two in step.
 *
 * - `transient`: the same call may succeed later, so whoever can wait should try again.
 * - `usage`: the caller gave something wrong; the command line exits with 2 instead of 1.
 */
interface CatalogueEntry {
  readonly what: string;
  readonly next: string;
  readonly transient?: true;
  readonly usage?: true;
}

const entries = {
  ConfigInvalid: {
    what: 'The configuration is wrong: {detail}',
    next: 'Correct the environment variables named; docs/configuration.md lists them all.',
    usage: true,
  },
  UsageInvalid: {
    what: '{detail}',
    next: 'Run the command with --help to see what it takes.',
    usage: true,
  },
  FileUnreadable: {
    what: '{path} can not be read: {detail}',
    next: 'Check the path, and that it may be read and written there.',
    usage: true,
  },
  FolderUnusable: {
    what: 'Nothing can be kept in the folder {path}: {detail}',
    next: 'Name a folder that can be made and written to.',
    usage: true,
  },
  HttpPortTaken: {
    what: 'The role can not answer on {host}:{port}: {detail}',
    next: 'End what listens there, or name another place in HTTP_HOST and HTTP_PORT.',
  },
  Unexpected: {
    what: 'Something went wrong that no one foresaw: {detail}',
    next: 'Try again; if it happens again, report it with the command line that you used.',
  },

  NotJson: {
    what: 'The message is not JSON: {detail}',
    next: 'Send one JSON document in UTF-8 as the value of each message.',
    usage: true,
  },
  EmptyMessage: {
    what: 'The message has no value.',
    next: 'Send one JSON document in UTF-8 as the value of each message.',
    usage: true,
  },
  BatchUnreadable: {
    what: 'The messages from offset {firstOffset} to this one came as one batch that can not be unpacked: {detail}',
    next: 'Send again what was in it, in smaller batches or uncompressed; the dead letter holds the batch as it was.',
    usage: true,
  },
  MessageTooLarge: {
    what: 'The message has {bytes} bytes; at most {limit} are taken.',
    next: 'Split the order, or leave out what schemas/ does not name.',
    usage: true,
  },
  MessageInvalid: {
    what: 'The message does not have the shape of {type}: {path}: {detail}',
    next: 'Compare it with the JSON Schema of that type under schemas/.',
    usage: true,
  },
  CloudEventInvalid: {
    what: 'The message claims to be a CloudEvent, but {detail}',
    next: 'Send specversion 1.0 with a valid id, source and type, or plain JSON without ce_ headers.',
    usage: true,
  },
  DuplicateOrder: {
    what: 'Order {orderId} was received before with the same content from another origin.',
    next: 'Nothing to do for the order itself: the first one runs. Find out why the sender repeated it.',
  },
  ConflictingOrder: {
    what: 'Order {orderId} was received before with other content.',
    next: 'Give the second order an order id of its own and send it again.',
  },

  OrderUnknown: {
    what: 'There is no order {orderId}.',
    next: 'Check the order id; an order appears once the intake has registered it.',
    usage: true,
  },
  CancellationInvalid: {
    what: 'The cancellation is wrong: {detail}.',
    next: 'Say who cancels, in up to 100 characters, and why, in up to 200.',
    usage: true,
  },
  OrderDecided: {
    what: 'Order {orderId} is already {status}.',
    next: 'Only an order that has not ended, and of which nothing is packed, can be cancelled or changed.',
  },
  OrderClosed: {
    what: 'Order {orderId} has ended ({status}), so nothing of it can be packed or sent any more.',
    next: 'Stop the parcel, or fetch it back; what the order held has been given back.',
  },
  AddressInvalid: {
    what: 'The address is wrong: {detail}.',
    next: 'Send line1, city, state and postalCode, and line2 and country where there are such.',
    usage: true,
  },
  ApprovalInvalid: {
    what: 'The decision is wrong: {detail}.',
    next: 'Say approve or reject, who decides, in up to 100 characters, and why, in up to 200.',
    usage: true,
  },
  ApprovalNotAwaited: {
    what: 'Order {orderId} waits for no decision; it is {status}.',
    next: 'An order is decided once, by the first who answers, and only while it waits for it.',
  },
  OrderNotStarted: {
    what: 'Order {orderId} is received, but its workflow is not started yet.',
    next: 'Try again in a moment; if that does not help, check that the role intake runs.',
    transient: true,
  },
  WorkerSilent: {
    what: 'No order worker on task queue {queue} answered within {seconds} seconds.',
    next: 'Start one with: orderly order-worker. A decision, cancellation or change that you sent may still be carried out then: orderly status <orderId>.',
    transient: true,
  },

  CurrencyUnknown: {
    what: 'There is no currency {code}.',
    next: 'Use an ISO 4217 code in capitals, EUR for example.',
    usage: true,
  },
  PriceInvalid: {
    what: '{text} is not a price in {currency}: {detail}',
    next: 'Write digits with at most as many decimal places as the currency has: 5.00, or 500 in JPY.',
    usage: true,
  },
  ProductUnknown: {
    what: 'There is no product {productCode}.',
    next: 'Create it with: orderly stock set {productCode} <quantity> --price <price> --currency <code>',
    usage: true,
  },
  StockTooLarge: {
    what: 'Product {productCode} can not hold that much; at most {limit} pieces are taken.',
    next: 'Check the quantity.',
    usage: true,
  },
  StockBelowReserved: {
    what: 'Product {productCode} can not be set to {quantity}: {reserved} are reserved.',
    next: 'Set at least the reserved quantity, or wait until orders have released it.',
  },
  ParcelNotReserved: {
    what: 'Parcel {shipment} of order {orderId} has shipped, but its stock is no longer reserved for it.',
    next: 'Correct what is on hand with: orderly stock set; then find out who released the order.',
  },
  NoProducts: {
    what: 'There are no products to order.',
    next: 'Create one with: orderly stock set TEA-100 250 --price 5.00 --currency EUR',
  },

  KpiDefinitionInvalid: {
    what: '{file}:{line}: {detail}',
    next: 'Correct the definition; docs/kpis/README.md explains every field.',
    usage: true,
  },
  KpiUnknown: {
    what: 'There is no KPI {name}.',
    next: 'orderly kpi list names them all.',
    usage: true,
  },
  KpiVersionUnknown: {
    what: 'KPI {name} has no version {version}.',
    next: 'orderly kpi list names them all.',
    usage: true,
  },
  KpiEventWithoutId: {
    what: 'The KPI event has no id, so nobody can tell whether it was counted.',
    next: 'Send it as a CloudEvent with an id that is derived from what was observed.',
    usage: true,
  },
  KpiEventIdInvalid: {
    what: "The KPI event's id does not begin with {start} and a kind of occurrence ({kinds}).",
    next: 'Send it under the id that follows from what was observed: <kpi>@<version>:<occurrence id>.',
    usage: true,
  },
  KpiEventTooLate: {
    what: 'The KPI event is of {timestamp}, which is longer ago than event ids are kept.',
    next: 'Raise LEDGER_KEEP_DAYS if events come so late; orderly kpi rebuild counts what Kafka still has.',
    usage: true,
  },
  KpiEventFromFuture: {
    what: 'The KPI event is of {timestamp}, which is still to come.',
    next: 'Set the clock of the machine that sent it.',
    usage: true,
  },
  KpiEventTooLarge: {
    what: 'The {part} of the KPI event takes {bytes} bytes; the ledger keeps at most {limit}.',
    next: 'Shorten it where it comes from, or keep fewer dimensions in the next version of the definition.',
    usage: true,
  },
  KpiHeartbeatImplausible: {
    what: 'No process can have sent this KPI heartbeat: {detail}',
    next: 'Set the clock of the machine that sent it; if it comes from elsewhere, guard the topic KpiHeartbeat.',
    usage: true,
  },
  KpiDefinitionChanged: {
    what: '{file} is not {version} as it was released: {diff}',
    next: 'Restore the file; a change is a new file with the next version and a later effectiveFrom.',
    usage: true,
  },
  KpiVersionNotLocked: {
    what: '{file}: {version} is not in versions.lock.',
    next: 'Add it with: orderly kpi check --write',
    usage: true,
  },
  KpiVersionMissing: {
    what: '{version} is in versions.lock, but no file defines it.',
    next: 'Restore its file; a KPI ends by a version with the field retired, and stays readable.',
    usage: true,
  },
  KpiLockInvalid: {
    what: '{file}:{line}: {detail}',
    next: 'Restore versions.lock as it was released; only orderly kpi check --write adds to it.',
    usage: true,
  },
  KpiPagesOutdated: {
    what: 'The pages of docs/kpis/ do not match kpis/: {files}',
    next: 'Run orderly kpi check --write, and commit what it wrote.',
    usage: true,
  },
  LedgerBehind: {
    what: 'The ledger has not counted everything on {topic} yet.',
    next: 'Check that the role ledger runs; reconciliation waits until it has caught up.',
    transient: true,
  },
  RebuildUnderWay: {
    what: 'Another rebuild of the figures is under way.',
    next: 'Wait until it has ended, or end it; what it left unfinished is discarded by the next.',
  },
  FiguresUnexplained: {
    what: '{count} events of the ledger are not as Temporal and the registers have them.',
    next: 'Look into each event named, none was changed; docs/reconciliation.md says what they may mean.',
  },
  ExportPlaceForeign: {
    what: '{path} notes the place of an export from another database, or from a later state of this one.',
    next: 'Give the file that belongs to this database, or a new one: then everything is exported.',
    usage: true,
  },

  ProviderUnknown: {
    what: 'No partner is configured under the name {provider}.',
    next: 'Name it and its address in PAYMENT_PROVIDERS or CARRIER_URL of the order workers.',
  },
  PartnerUnavailable: {
    what: '{partner} did nothing, and may later: {detail}.',
    next: 'Check that it runs and can be reached; it is asked again.',
    transient: true,
  },
  PartnerOutcomeUnknown: {
    what: 'Nobody knows whether {partner} did what it was asked: {detail}.',
    next: 'Check that it runs and can be reached; it is asked again, and does it at most once.',
    transient: true,
  },
  PartnerRefused: {
    what: '{partner} refused what it was asked: {detail}.',
    next: 'Ask the partner why; the same request will be refused again.',
  },
  PaymentProviderUnavailable: {
    what: 'Payment provider {provider} holds nothing for this order: {detail}',
    next: 'Check that it runs and can be reached; the next provider is tried.',
  },
  PaymentOutcomeUnknown: {
    what: 'Nobody knows whether payment provider {provider} holds the money: {detail}',
    next: 'Check that it runs and can be reached; it is asked before anything is repeated.',
    transient: true,
  },
  PaymentNotArrived: {
    what: 'Payment provider {provider} has not heard of the payment that was sent to it, and may yet.',
    next: 'Check that it answers in time; the key is voided, and the next provider is tried.',
    transient: true,
  },

  KafkaUnavailable: {
    what: 'Kafka does not answer at {brokers}: {detail}',
    next: 'Start it (orderly stack up), or set KAFKA_BROKERS to where it listens.',
    transient: true,
  },
  NamespaceUnknown: {
    what: 'Temporal has no namespace {namespace}.',
    next: 'Correct TEMPORAL_NAMESPACE, or create it: temporal operator namespace create --namespace {namespace}',
  },
  TemporalUnavailable: {
    what: 'Temporal does not answer at {address}: {detail}',
    next: 'Start it (orderly stack up), or set TEMPORAL_ADDRESS to where it listens.',
    transient: true,
  },
  PostgresUnavailable: {
    what: 'Postgres does not answer: {detail}',
    next: 'Start it (orderly stack up), or set DATABASE_URL to where it listens.',
    transient: true,
  },
  PostgresRefused: {
    what: 'Postgres refused the connection: {detail}',
    next: 'Correct user, password and database in DATABASE_URL.',
    transient: true,
  },
  DataRefused: {
    what: 'Postgres can not store a value: {detail}',
    next: 'Send text without NUL characters, and numbers within the bounds of the JSON Schema.',
    usage: true,
  },
  MigrationChanged: {
    what: 'Migration {name} was changed after this database had applied it.',
    next: 'Restore the file as it was released, and put the change into a new migration.',
  },
  TopicUnknown: {
    what: 'Kafka has no topic {topic}.',
    next: 'Create it with: orderly topics create',
    transient: true,
  },
  TopicNotCreated: {
    what: 'Kafka did not create the topic {topic}: {detail}',
    next: 'Check KAFKA_REPLICATION_FACTOR against the number of brokers, and the right to create topics.',
  },
  RecordRefused: {
    what: 'Kafka refused the message to {topic}: {detail}',
    next: 'Correct the message, or raise max.message.bytes of the topic where it is too large.',
  },
  PublisherStopped: {
    what: 'The publisher was stopped before the message to {topic} was sent.',
    next: 'Publish before stopping; a message that was not acknowledged is sent again by its source.',
    transient: true,
  },

  PartnerSilent: {
    what: '{name} does not answer at {url}: {detail}',
    next: 'Start it with: orderly partners; PARTNERS_PORTS says where it listens.',
    transient: true,
  },
  DemoUnderWay: {
    what: 'Another demo is under way in {dir}.',
    next: 'End it with Ctrl-C where it runs, or give this one servers and data of its own: other ports in the environment, and --dir.',
  },
  PartnerPortTaken: {
    what: '{name} can not listen on port {port}: {detail}',
    next: 'End what listens there, or name four other ports in PARTNERS_PORTS.',
  },
  PartnerBooksUnreadable: {
    what: '{path}:{line} is no entry of the books: {detail}',
    next: 'Restore the file, or remove it: that partner then begins with empty books.',
  },

  ServerUnavailable: {
    what: '{server} could not be started. Tried: {tried}',
    next: '{install}',
  },
  ServerPortTaken: {
    what: '{server} can not have port {port}: what listens there does not answer as it should: {detail}',
    next: 'If it is the one you mean, correct {variable} and what it takes to log in; else end it, or set {variable} to an address with another port.',
  },
  ServerCrashed: {
    what: '{server} ended by itself.',
    next: 'Look at {log}, then start again.',
  },
  ServerStopped: {
    what: '{server} was stopped while it was in use.',
    next: 'Start again; orderly stack down takes the servers from everybody who uses them.',
  },
  ServerEnded: {
    what: '{server} ended while it was starting. The end of its log: {tail}',
    next: 'Look at {log}; a data folder it can not use is removed by: orderly stack down --fresh',
  },
  ServerSilent: {
    what: '{server} does not answer at {address} after {seconds} s: {detail}',
    next: 'Look at {log}, then try: orderly stack down, orderly stack up',
  },
  SchemasOutdated: {
    what: 'The JSON Schemas do not match src/messages: {files}',
    next: 'Run orderly schemas, and commit what it wrote.',
  },
  RoleEnded: {
    what: 'The role {role} ended by itself.',
    next: 'Its log is {log}; correct what it names, then start again.',
  },
  RoleSilent: {
    what: 'The role {role} was not ready in time.',
    next: 'Its log is {log}; correct what it names, then start again.',
  },
  Interrupted: {
    what: 'Stopped by a signal before it was done.',
    next: 'Run it again to the end.',
  },
  SumsDoNotAddUp: {
    what: 'These sums do not add up: {detail}',
    next: 'Look at the orders named with: orderly status <orderId>; then report what you find.',
  },
} as const satisfies Record<string, CatalogueEntry>;

export type ErrorCode = keyof typeof entries;

/** The catalogue itself, for documentation and tests. */
export const errorCatalogue: Readonly<Record<ErrorCode, CatalogueEntry>> = entries;

/** An error of the catalogue. `message` says what happened, `next` what to do about it. */
export class OrderlyError extends Error {
  override readonly name = 'OrderlyError';
  readonly next: string;
  readonly transient: boolean;
  readonly usage: boolean;

  constructor(
    readonly code: ErrorCode,
    readonly parameters: Readonly<Record<string, string | number>> = {},
    options?: { cause?: unknown },
  ) {
    const entry: CatalogueEntry = entries[code];
    super(fill(entry.what, parameters), options);
    this.next = fill(entry.next, parameters);
    this.transient = entry.transient === true;
    this.usage = entry.usage === true;
  }
}

function fill(template: string, parameters: Readonly<Record<string, string | number>>): string {
  return template.replace(/\{(\w+)\}/g, (hole, name: string) => String(parameters[name] ?? hole));
}

/** The message of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  if (thrown instanceof AggregateError && thrown.message === '') {
    return thrown.errors.map(messageOf).join('; ');
  }
  return thrown instanceof Error ? thrown.message : String(thrown);
}
