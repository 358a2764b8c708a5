/** The kinds of values that the configuration holds, each read from a text. */
import { isIPv6 } from 'node:net';
import { z } from 'zod';

export const flag = z.enum(['true', 'false']).transform(value => value === 'true');

const whole = z.string().trim().regex(/^\d+$/, 'must be digits').transform(Number);
export const port = whole.pipe(z.int().max(65_535));
/** No more than what Kafka and Postgres hold as an integer. */
const int32 = 2 ** 31 - 1;
export const positive = (largest = int32) => whole.pipe(z.int().positive().max(largest));
export const count = (fallback: number, largest = int32) => positive(largest).default(fallback);

/** `name=value,name=value`, each name once. */
export const pairs = <Name extends string, Value>(
  name: z.ZodType<Name, string>,
  value: z.ZodType<Value, string>,
) =>
  z
    .string()
    .transform(list => list.split(',').map(pairOf))
    .pipe(z.array(z.tuple([name, value])))
    .refine(
      entries => new Set(entries.map(([key]) => key)).size === entries.length,
      'names something twice',
    );

function pairOf(text: string): [string, string] {
  const [name = '', ...value] = text.trim().split('=');
  return [name, value.join('=')];
}

export const partnerName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'must be 1 to 32 of a-z 0-9 -');
export const partnerUrl = z
  .url({ protocol: /^https?$/ })
  .transform(url => (url.endsWith('/') ? url.slice(0, -1) : url));

/** Answers whether a text is `host:port`, with a port that there is. */
function isHostAndPort(text: string): boolean {
  const [, host = '', address, number] =
    /^([^\s:/[\]]+|\[([\da-f:.]+)\]):(\d{1,5})$/i.exec(text.trim()) ?? [];
  const isHost = address === undefined ? host !== '' : isIPv6(address);
  return isHost && Number(number) >= 1 && Number(number) <= 65_535;
}

export const hostAndPort = z
  .string()
  .refine(isHostAndPort, 'must be host:port, with a port from 1 to 65535');
/** The Kafka client takes what comes before the first colon for the host. */
export const brokers = z
  .string()
  .refine(
    list => list.split(',').every(broker => isHostAndPort(broker) && !broker.includes('[')),
    'must be host:port, separated by commas, with ports from 1 to 65535 and no IPv6 address but its name',
  );

/** As the client of Postgres reads it: where there is no host, `@` may stand right before the slash. */
export const readPostgresUrl = (url: string): URL => new URL(url.replace('@/', '@localhost/'));

export const postgresUrl = z
  .string()
  .regex(/^postgres(ql)?:\/\//, {
    error: 'must begin with postgres:// or postgresql://',
    abort: true,
  })
  .refine(
    isPostgresUrl,
    'must be a URL such as postgres://user:password@host:5432/database, with a port from 1 to 65535, and a slash in a password as %2F',
  );

function isPostgresUrl(text: string): boolean {
  try {
    return readPostgresUrl(text).port !== '0';
  } catch {
    return false;
  }
}

export const minorUnits = z
  .string()
  .regex(/^\d{1,15}$/, 'must be digits')
  .transform(Number);
